package dev.inlay.app.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** All settings of a training run. */
@SuppressWarnings("NullAway.Init") // picocli sets what is required or has a default
final class TrainOptions {
    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory (Hugging Face).")
    Path model;

    @Mixin
    DataOptions data = new DataOptions();

    @Option(
            names = "--valid",
            paramLabel = "FILE",
            description =
                    "Rows to evaluate on. Default: valid.jsonl of a data directory, else --eval-share of the rows.")
    @Nullable
    Path valid;

    @Mixin
    EvalShareOption held = new EvalShareOption();

    @Mixin
    PlaceOptions place = new PlaceOptions();

    @Mixin
    AdapterOptions adapter = new AdapterOptions();

    @Mixin
    GateOptions gate = new GateOptions();

    @Mixin
    PrefixOptions prefixes = new PrefixOptions();

    @Mixin
    ScheduleOptions schedule = new ScheduleOptions();

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "float32, bfloat16, float16 or float64 for the frozen model; the adapter is float32."
                    + " Default: as stored.")
    @Nullable
    String dtype;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "cpu",
            description = "cpu, cuda or cuda:N. Default: ${DEFAULT-VALUE}.")
    String device;

    @Mixin
    ThreadOption threads = new ThreadOption();

    @Mixin
    ConfigOption config = new ConfigOption();

    TrainingData.Source source() {
        return new TrainingData.Source(data.data, valid, held.share, schedule.pace.data());
    }
}
