package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.engine.Randomness;
import dev.inlay.training.AdamW;
import dev.inlay.training.TrainingOptions;
import dev.inlay.training.TrainingOptions.Memory;
import dev.inlay.training.data.Batch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How long, how fast and from which seeds an adapter is trained. */
@SuppressWarnings("NullAway.Init") // picocli sets what has a default
final class ScheduleOptions {
    private static final int INITIALISATION = 1;
    private static final int DATA = 2;
    private static final int DROPOUT = 3;

    @Option(names = "--steps", paramLabel = "N", description = "Optimiser steps. Default: those of --epochs.")
    @Nullable
    Integer steps;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "3",
            description = "Times that each row is seen, unless --steps is given. Default: ${DEFAULT-VALUE}.")
    double epochs;

    @Option(
            names = "--batch",
            paramLabel = "ROWS",
            defaultValue = "16",
            description = "Rows of a step. Default: ${DEFAULT-VALUE}.")
    int batch;

    @Option(
            names = "--batch-tokens",
            paramLabel = "N",
            description = "About this many tokens in a step, instead of --batch. Default: none.")
    @Nullable
    Integer batchTokens;

    @Option(
            names = "--learning-rate",
            paramLabel = "R",
            defaultValue = "2e-4",
            description = "Highest learning rate. Default: ${DEFAULT-VALUE}.")
    double learningRate;

    @Option(
            names = "--lora-plus",
            paramLabel = "RATIO",
            defaultValue = "1",
            description =
                    "Learning rate of the B factors over that of the A factors (LoRA+). Default: ${DEFAULT-VALUE}.")
    double loraPlus;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "0.03",
            description = "Steps over which the learning rate rises, or below 1 their share; then it falls as a cosine."
                    + " Default: ${DEFAULT-VALUE}.")
    double warmup;

    @Option(
            names = "--weight-decay",
            paramLabel = "D",
            defaultValue = "0",
            description = "Weight decay of AdamW. Default: ${DEFAULT-VALUE}.")
    double weightDecay;

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

    @Option(names = "--init-seed", paramLabel = "N", description = "Seed of the new factors. Default: derived.")
    @Nullable
    Long initSeed;

    @Option(
            names = "--data-seed",
            paramLabel = "N",
            description = "Seed of the order of rows and of the evaluation share. Default: derived.")
    @Nullable
    Long dataSeed;

    @Option(names = "--dropout-seed", paramLabel = "N", description = "Seed of dropout. Default: derived.")
    @Nullable
    Long dropoutSeed;

    Batch rowsOrTokens() {
        return batchTokens == null ? Batch.rows(batch) : Batch.tokens(batchTokens);
    }

    Memory memory() {
        return recompute ? Memory.RECOMPUTE : Memory.KEEP;
    }

    long initialisation() {
        return initSeed == null ? Randomness.derive(seed, INITIALISATION) : initSeed;
    }

    long data() {
        return dataSeed == null ? Randomness.derive(seed, DATA) : dataSeed;
    }

    long dropout() {
        return dropoutSeed == null ? Randomness.derive(seed, DROPOUT) : dropoutSeed;
    }

    TrainingOptions options(int stepsPerEpoch, double dropoutProbability) {
        InlayException.require(
                steps != null || (epochs > 0 && Double.isFinite(epochs)), "--epochs must be positive, was %s", epochs);
        InlayException.require(warmup >= 0, "--warmup must not be negative, was %s", warmup);
        InlayException.require(clip >= 0, "--clip must not be negative, was %s; 0 is no limit", clip);
        int total = steps != null ? steps : (int) Math.max(1, Math.min(Integer.MAX_VALUE, epochs * stepsPerEpoch));
        int tenth = Math.max(1, (total + 9) / 10);
        return new TrainingOptions(
                total,
                learningRate,
                loraPlus,
                (int) Math.min(total, warmup < 1 ? Math.ceil(warmup * total) : warmup),
                new AdamW(AdamW.DEFAULT.beta1(), AdamW.DEFAULT.beta2(), AdamW.DEFAULT.epsilon(), weightDecay),
                clip == 0 ? Double.POSITIVE_INFINITY : clip,
                dropoutProbability,
                dropout(),
                evalEvery == null ? tenth : evalEvery,
                patience,
                saveEvery == null ? tenth : saveEvery,
                memory());
    }
}
