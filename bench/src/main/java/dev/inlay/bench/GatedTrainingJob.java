package dev.inlay.bench;

import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.ModelDirectory;
import dev.inlay.training.AdamW;
import dev.inlay.training.KeptPrefixes;
import dev.inlay.training.Parameters;
import dev.inlay.training.Prefixes;
import dev.inlay.training.SplitCost;
import dev.inlay.training.Trainer;
import dev.inlay.training.TrainingOptions;
import dev.inlay.training.data.Batch;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Units;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/**
 * Trains gated LoRA (every linear map but the head, alpha = 2 r) on rows of P tokens before the trigger and S from it on,
 * loss on the latter: whole rows, rows that are split, and rows whose beginnings are kept; the last for one adapter and
 * for several, one after the other over the same beginnings. Beside {@code tools/baseline/peft_train.py --suffix S}.
 *
 * <p>The ways take turns, so that other work on the machine slows them alike. Prints for each the median seconds of a step
 * (for {@code kept_first} of the one that reads the beginnings), and the speed-ups over whole rows that follow for so many
 * epochs.
 */
public final class GatedTrainingJob {
    private static final double LEARNING_RATE = 1e-4;
    private static final int TRIGGER = 1;
    private static final Gate GATE = TriggerGate.of(Trigger.of(List.of(TRIGGER)));
    private static final long ROOM = 8L << 30;

    /** Options of the command line. */
    interface Settings {
        @Option(names = "--model", required = true)
        Path model();

        @Option(names = "--dtype", required = true, description = "of the base: float32 or bfloat16")
        DType dtype();

        @Option(names = "--threads", defaultValue = "1", description = "worker threads")
        int threads();

        @Option(names = "--batch", defaultValue = "8", description = "rows per step")
        int batch();

        @Option(names = "--prefix", required = true, description = "P, tokens before the trigger")
        int prefix();

        @Option(names = "--suffix", required = true, description = "S, tokens from the trigger on")
        int suffix();

        @Option(names = "--rank", defaultValue = "16")
        int rank();

        @Option(names = "--arms", defaultValue = "8", description = "adapters over the same beginnings")
        int arms();

        @Option(names = "--epochs", defaultValue = "4", description = "for which speed-ups are counted")
        int epochs();

        @Option(names = "--rounds", defaultValue = "3", description = "timed rounds of all ways")
        int rounds();

        @Option(
                names = "--unit-tokens",
                defaultValue = "512",
                description = "recorded tokens that a worker takes at once")
        int unitTokens();
    }

    private GatedTrainingJob() {}

    public static void main(String[] arguments) {
        Job.main(Settings.class, arguments, GatedTrainingJob::measure);
    }

    static Map<String, Object> measure(Settings settings) {
        try (Decoder decoder = ModelDirectory.open(settings.model()).load(settings.dtype(), Device.CPU);
                Workers workers = Workers.of(settings.threads())) {
            List<Example> examples = examples(settings, decoder.config().vocabulary());
            Units whole = new Units(examples, Batch.rows(settings.batch()), settings.unitTokens(), 1);
            Units split = new Units(
                    examples,
                    Batch.rows(settings.batch()),
                    settings.unitTokens(),
                    1,
                    example -> example.inputsFrom(settings.prefix()));
            Map<String, List<Double>> seconds = new LinkedHashMap<>();
            for (int round = 0; round <= settings.rounds(); round++) {
                Map<String, Double> one = round(settings, decoder, workers, whole, split);
                if (round > 0) {
                    one.forEach((way, time) -> seconds.computeIfAbsent(way, name -> new ArrayList<>())
                            .add(time));
                }
            }
            return report(settings, decoder, seconds);
        }
    }

    /** One step of each way. */
    private static Map<String, Double> round(
            Settings settings, Decoder decoder, Workers workers, Units whole, Units split) {
        Map<String, Double> seconds = new LinkedHashMap<>();
        seconds.put("whole", steps(settings, decoder, workers, whole, Prefixes.whole(), 1)[0]);
        seconds.put("split", steps(settings, decoder, workers, split, Prefixes.fresh(), 1)[0]);
        try (KeptPrefixes kept = Prefixes.kept(ROOM)) {
            double[] arms = steps(settings, decoder, workers, split, kept, settings.arms() + 1);
            seconds.put("kept_first", arms[0]);
            seconds.put("kept", new Sample(Arrays.stream(arms).skip(1).boxed().toList()).median());
            seconds.put("kept_bytes", (double) kept.byteCount());
        }
        return seconds;
    }

    /** Seconds of one step each of so many adapters over the same rows. */
    private static double[] steps(
            Settings settings, Decoder decoder, Workers workers, Units units, Prefixes prefixes, int arms) {
        double[] seconds = new double[arms];
        for (int arm = 0; arm < arms; arm++) {
            try (Parameters parameters = TrainingJob.parameters(decoder, settings.rank(), GATE, arm);
                    Trainer trainer = new Trainer(decoder, parameters, options(), workers, prefixes)) {
                seconds[arm] = trainer.step(units.step(0)).seconds();
            }
        }
        return seconds;
    }

    private static TrainingOptions options() {
        return new TrainingOptions(
                1, LEARNING_RATE, 1, 0, AdamW.DEFAULT, 1, 0, 1, 0, 0, 0, TrainingOptions.Memory.KEEP);
    }

    private static List<Example> examples(Settings settings, int vocabulary) {
        List<Example> examples = new ArrayList<>();
        for (int[] ids : JobTokens.rows(settings.batch(), settings.prefix() + settings.suffix(), vocabulary)) {
            ids[settings.prefix()] = TRIGGER;
            boolean[] target = new boolean[ids.length];
            Arrays.fill(target, settings.prefix() + 1, ids.length, true);
            examples.add(new Example(ids, target, examples.size() + 1));
        }
        return examples;
    }

    private static Map<String, Object> report(Settings settings, Decoder decoder, Map<String, List<Double>> seconds) {
        Map<String, Object> report = new LinkedHashMap<>();
        Map<String, Double> median = new LinkedHashMap<>();
        seconds.forEach((way, times) -> median.put(way, new Sample(times).median()));
        median.forEach((way, time) -> report.put(way.endsWith("bytes") ? way : way + "_s", time));
        double whole = median.getOrDefault("whole", Double.NaN);
        double read = median.getOrDefault("kept_first", Double.NaN) - median.getOrDefault("kept", Double.NaN);
        double kept = median.getOrDefault("kept", Double.NaN);
        int epochs = settings.epochs();
        report.put("split_speedup", whole / median.getOrDefault("split", Double.NaN));
        report.put("kept_speedup", epochs * whole / (read + epochs * kept));
        report.put("arms_speedup", settings.arms() * epochs * whole / (read + settings.arms() * epochs * kept));
        report.put("limit_speedup", whole / kept);
        expected(settings, decoder).forEach(report::put);
        report.put("batch", settings.batch());
        report.put("prefix", settings.prefix());
        report.put("suffix", settings.suffix());
        report.put("epochs", epochs);
        report.put("arms", settings.arms());
        report.put("dtype", settings.dtype().name().toLowerCase(Locale.ROOT));
        report.put("threads", settings.threads());
        ProcessCost.addTo(report);
        return report;
    }

    /** Speed-ups that the number of operations predicts, without the head. */
    private static Map<String, Double> expected(Settings settings, Decoder decoder) {
        SplitCost.Total row = SplitCost.of(decoder.config()).row(settings.prefix(), settings.suffix());
        Map<String, Double> expected = new LinkedHashMap<>();
        expected.put("split_predicted", row.split());
        expected.put("kept_predicted", row.kept(settings.epochs()));
        expected.put("arms_predicted", row.kept((double) settings.epochs() * settings.arms()));
        expected.put("limit_predicted", row.limit());
        return expected;
    }
}
