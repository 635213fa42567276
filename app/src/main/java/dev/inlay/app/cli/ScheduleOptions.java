package dev.inlay.app.cli;

import dev.inlay.engine.Randomness;
import dev.inlay.training.AdamW;
import dev.inlay.training.TrainingOptions;
import dev.inlay.training.data.Batch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How long, how fast and from which seeds an adapter is trained. */
@SuppressWarnings("NullAway.Init") // picocli sets what has a default
final class ScheduleOptions {
    private static final int DROPOUT = 3;

    @Mixin
    PaceOptions pace = new PaceOptions();

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
            names = "--weight-decay",
            paramLabel = "D",
            defaultValue = "0",
            description = "Weight decay of AdamW. Default: ${DEFAULT-VALUE}.")
    double weightDecay;

    @Option(names = "--dropout-seed", paramLabel = "N", description = "Seed of dropout. Default: derived.")
    @Nullable
    Long dropoutSeed;

    Batch rowsOrTokens() {
        return batchTokens == null ? Batch.rows(batch) : Batch.tokens(batchTokens);
    }

    long dropout() {
        return dropoutSeed == null ? Randomness.derive(pace.seed, DROPOUT) : dropoutSeed;
    }

    TrainingOptions options(int stepsPerEpoch, double dropoutProbability) {
        int total = pace.steps(epochs, stepsPerEpoch);
        return new TrainingOptions(
                total,
                learningRate,
                loraPlus,
                pace.warmUp(total),
                new AdamW(AdamW.DEFAULT.beta1(), AdamW.DEFAULT.beta2(), AdamW.DEFAULT.epsilon(), weightDecay),
                pace.clip(),
                dropoutProbability,
                dropout(),
                pace.evaluateEvery(total),
                pace.patience,
                pace.saveEvery(total),
                pace.memory());
    }
}
