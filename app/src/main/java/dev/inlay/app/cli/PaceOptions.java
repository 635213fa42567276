package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.engine.Randomness;
import dev.inlay.training.TrainingOptions.Memory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a training run goes on, whatever is trained. */
final class PaceOptions {
    private static final int INITIALISATION = 1;
    private static final int DATA = 2;

    @Option(names = "--steps", paramLabel = "N", description = "Optimiser steps. Default: those of --epochs.")
    @Nullable
    Integer steps;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "0.03",
            description = "Steps over which the learning rate rises, or below 1 their share; then it falls as a cosine."
                    + " Default: ${DEFAULT-VALUE}.")
    double warmup;

    @Option(
            names = "--clip",
            paramLabel = "NORM",
            defaultValue = "1",
            description = "Largest norm of the gradient; 0 for no limit. Default: ${DEFAULT-VALUE}.")
    double clip;

    @Option(
            names = "--eval-every",
            paramLabel = "N",
            description = "Steps between evaluations; 0 for only at the end. Default: a tenth of the run.")
    @Nullable
    Integer evalEvery;

    @Option(
            names = "--patience",
            paramLabel = "N",
            defaultValue = "0",
            description = "Stop after so many evaluations without a new best; 0 for never. Default: ${DEFAULT-VALUE}.")
    int patience;

    @Option(
            names = "--save-every",
            paramLabel = "N",
            description = "Steps between checkpoints; 0 for only at the end and at each new best. Default: a tenth of"
                    + " the run.")
    @Nullable
    Integer saveEvery;

    @Option(
            names = "--keep-checkpoints",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "How many of the newest checkpoints stay, beside the best one; 0 for all. Default: ${DEFAULT-VALUE}.")
    int keepCheckpoints;

    @Option(
            names = "--recompute",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "false",
            description = "Compute activations again instead of keeping them: less memory, a third more work, the same"
                    + " gradients. Default: ${DEFAULT-VALUE}.")
    boolean recompute;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "The seeds of initialisation, data and dropout are derived from it. Default: ${DEFAULT-VALUE}.")
    long seed;

    @Option(names = "--init-seed", paramLabel = "N", description = "Seed of the new values. Default: derived.")
    @Nullable
    Long initSeed;

    @Option(
            names = "--data-seed",
            paramLabel = "N",
            description = "Seed of the order of rows and of the evaluation share. Default: derived.")
    @Nullable
    Long dataSeed;

    Memory memory() {
        return recompute ? Memory.RECOMPUTE : Memory.KEEP;
    }

    long initialisation() {
        return initSeed == null ? Randomness.derive(seed, INITIALISATION) : initSeed;
    }

    long data() {
        return dataSeed == null ? Randomness.derive(seed, DATA) : dataSeed;
    }

    /** Steps of the whole run. */
    int steps(double epochs, int stepsPerEpoch) {
        InlayException.require(
                steps != null || (epochs > 0 && Double.isFinite(epochs)), "--epochs must be positive, was %s", epochs);
        return steps != null ? steps : (int) Math.max(1, Math.min(Integer.MAX_VALUE, epochs * stepsPerEpoch));
    }

    int warmUp(int total) {
        InlayException.require(warmup >= 0, "--warmup must not be negative, was %s", warmup);
        return (int) Math.min(total, warmup < 1 ? Math.ceil(warmup * total) : warmup);
    }

    double clip() {
        InlayException.require(clip >= 0, "--clip must not be negative, was %s; 0 is no limit", clip);
        return clip == 0 ? Double.POSITIVE_INFINITY : clip;
    }

    int evaluateEvery(int total) {
        return evalEvery == null ? tenth(total) : evalEvery;
    }

    int saveEvery(int total) {
        return saveEvery == null ? tenth(total) : saveEvery;
    }

    int keepCheckpoints() {
        InlayException.require(
                keepCheckpoints >= 0, "--keep-checkpoints must not be negative, was %d; 0 keeps all", keepCheckpoints);
        return keepCheckpoints;
    }

    private static int tenth(int total) {
        return Math.max(1, (total + 9) / 10);
    }
}
