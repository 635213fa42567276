package dev.inlay.bench;

import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.Architecture;
import dev.inlay.model.Decoder;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.Weights;
import dev.inlay.training.AdamW;
import dev.inlay.training.DecoderParameters;
import dev.inlay.training.MachineRate;
import dev.inlay.training.StepReport;
import dev.inlay.training.Trainer;
import dev.inlay.training.TrainingListener;
import dev.inlay.training.TrainingOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/**
 * Trains all weights of a model, loss on all tokens, clipping at 1, AdamW: the job of {@code tools/baseline/pretrain.py}.
 *
 * <p>Prints what {@link TrainingJob} prints, with {@code flop_per_s} of 6 N tokens/s and, measured just before and after,
 * {@code ceiling_flop_per_s}: what the same threads reach in large products.
 */
public final class PretrainJob {
    private static final double LEARNING_RATE = 1e-4;
    private static final double WEIGHT_DECAY = 0.1;

    /** Options of the command line. */
    interface Settings {
        @Option(names = "--model", required = true)
        Path model();

        @Option(names = "--dtype", defaultValue = "FLOAT32", description = "to compute with: float32 or bfloat16")
        DType dtype();

        @Option(names = "--threads", defaultValue = "1", description = "worker threads")
        int threads();

        @Option(names = "--batch", defaultValue = "16", description = "rows per step")
        int batch();

        @Option(names = "--length", defaultValue = "256", description = "tokens per row")
        int length();

        @Option(names = "--warm-up", defaultValue = "3", description = "steps that are not timed")
        int warmUp();

        @Option(names = "--steps", defaultValue = "10", description = "timed steps")
        int steps();

        @Option(names = "--unit-tokens", defaultValue = "2048", description = "tokens that a worker takes at once")
        int unitTokens();
    }

    private PretrainJob() {}

    public static void main(String[] arguments) {
        Job.main(Settings.class, arguments, PretrainJob::measure);
    }

    static Map<String, Object> measure(Settings settings) {
        Architecture architecture =
                Architecture.of(Json.readObject(settings.model().resolve("config.json")));
        try (DecoderParameters parameters = parameters(settings);
                Decoder decoder = architecture.decoder(parameters.weights());
                Workers workers = Workers.of(settings.threads());
                Trainer trainer = new Trainer(decoder, parameters, options(settings), workers)) {
            double before = MachineRate.measure(workers, settings.dtype());
            List<StepReport> reports = new ArrayList<>();
            int vocabulary = decoder.config().vocabulary();
            trainer.fit(
                    TrainingJob.units(settings.batch(), settings.length(), settings.unitTokens(), vocabulary),
                    List.of(),
                    new TrainingListener() {
                        @Override
                        public void stepped(StepReport report) {
                            reports.add(report);
                        }
                    });
            double after = MachineRate.measure(workers, settings.dtype());
            long parametersInProducts = TrainingJob.matrixParameters(decoder.sites());
            double tokens = (double) settings.batch() * settings.length();
            Map<String, Object> report =
                    TrainingJob.speed(tokens, 6.0 * parametersInProducts, reports, settings.warmUp());
            report.put("matrix_parameters", parametersInProducts);
            report.put("ceiling_flop_per_s", (before + after) / 2);
            report.put("batch", settings.batch());
            report.put("length", settings.length());
            report.put("unit_tokens", settings.unitTokens());
            report.put("dtype", settings.dtype().name().toLowerCase(Locale.ROOT));
            report.put("threads", settings.threads());
            ProcessCost.addTo(report);
            return report;
        }
    }

    private static DecoderParameters parameters(Settings settings) {
        try (Scope scope = Scope.open();
                Weights files = Weights.open(settings.model())) {
            Map<String, Tensor> weights = new TreeMap<>();
            files.names().forEach(name -> weights.put(name, files.load(name, DType.FLOAT32)));
            return DecoderParameters.of(weights, settings.dtype());
        }
    }

    private static TrainingOptions options(Settings settings) {
        AdamW adamW = new AdamW(0.9, 0.95, 1e-8, WEIGHT_DECAY);
        int steps = settings.warmUp() + settings.steps();
        return new TrainingOptions(steps, LEARNING_RATE, 1, 0, adamW, 1, 0, 1, 0, 0, 0, TrainingOptions.Memory.KEEP);
    }
}
