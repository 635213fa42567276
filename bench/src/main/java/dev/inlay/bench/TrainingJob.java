package dev.inlay.bench;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Initialisation;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.Targets;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Site;
import dev.inlay.training.AdamW;
import dev.inlay.training.Parameters;
import dev.inlay.training.StepReport;
import dev.inlay.training.Trainer;
import dev.inlay.training.TrainingListener;
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
import java.util.TreeMap;
import picocli.CommandLine.Option;

/**
 * Trains LoRA (alpha = 2 r) on every linear map but the head, loss on all tokens, no dropout, clipping at 1, AdamW: the
 * job of {@code tools/baseline/peft_train.py}.
 *
 * <p>Prints {@code tokens_per_s} (tokens of the batch / median step), {@code slowest_tokens_per_s}, {@code
 * fastest_tokens_per_s}, {@code matrix_parameters} (N: in matrix products, head included, embedding look-up not), {@code
 * flop_per_s} (4 N tokens/s), {@code first_loss}, {@code last_loss}, the process's cost and the settings.
 */
public final class TrainingJob {
    private static final double LEARNING_RATE = 1e-4;

    /** Options of the command line. */
    interface Settings {
        @Option(names = "--model", required = true)
        Path model();

        @Option(names = "--dtype", required = true, description = "of the base: float32 or bfloat16")
        DType dtype();

        @Option(names = "--threads", defaultValue = "1", description = "worker threads")
        int threads();

        @Option(names = "--batch", defaultValue = "4", description = "rows per step")
        int batch();

        @Option(names = "--length", defaultValue = "256", description = "tokens per row")
        int length();

        @Option(names = "--rank", defaultValue = "16")
        int rank();

        @Option(names = "--warm-up", defaultValue = "3", description = "steps that are not timed")
        int warmUp();

        @Option(names = "--steps", defaultValue = "10", description = "timed steps")
        int steps();

        @Option(names = "--unit-tokens", defaultValue = "512", description = "tokens that a worker takes at once")
        int unitTokens();
    }

    private TrainingJob() {}

    public static void main(String[] arguments) {
        Job.main(Settings.class, arguments, TrainingJob::measure);
    }

    static Map<String, Object> measure(Settings settings) {
        try (Decoder decoder = ModelDirectory.open(settings.model()).load(settings.dtype(), Device.CPU);
                Parameters parameters = parameters(decoder, settings.rank(), Gate.OPEN, 1);
                Workers workers = Workers.of(settings.threads());
                Trainer trainer = new Trainer(decoder, parameters, options(settings), workers)) {
            List<StepReport> reports = new ArrayList<>();
            trainer.fit(
                    units(
                            settings.batch(),
                            settings.length(),
                            settings.unitTokens(),
                            decoder.config().vocabulary()),
                    List.of(),
                    new TrainingListener() {
                        @Override
                        public void stepped(StepReport report) {
                            reports.add(report);
                        }
                    });
            return report(settings, matrixParameters(decoder.sites()), reports);
        }
    }

    /** LoRA on every linear map but the head, alpha twice the rank. */
    static Parameters parameters(Decoder decoder, int rank, Gate gate, long seed) {
        try (Scope scope = Scope.open()) {
            Targets targets = Targets.allLinear(decoder.sites());
            Map<Site, LowRank> factors = new TreeMap<>();
            for (LinearSite site : decoder.sites()) {
                if (targets.contains(site.site())) {
                    factors.put(site.site(), Initialisation.UNIFORM.factors(site, rank, 2, seed));
                }
            }
            return Parameters.of(Parts.of(Adapter.of(factors).with(gate)));
        }
    }

    private static TrainingOptions options(Settings settings) {
        int steps = settings.warmUp() + settings.steps();
        return new TrainingOptions(
                steps, LEARNING_RATE, 1, 0, AdamW.DEFAULT, 1, 0, 1, 0, 0, 0, TrainingOptions.Memory.KEEP);
    }

    /** Steps that all take the same rows. */
    static Units units(int batch, int length, int unitTokens, int vocabulary) {
        List<Example> examples = new ArrayList<>();
        for (int[] ids : JobTokens.rows(batch, length, vocabulary)) {
            boolean[] target = new boolean[ids.length];
            Arrays.fill(target, 1, ids.length, true);
            examples.add(new Example(ids, target, examples.size() + 1));
        }
        return new Units(examples, Batch.rows(batch), unitTokens, 1);
    }

    /** N: parameters in matrix products. */
    static long matrixParameters(List<LinearSite> sites) {
        return sites.stream().mapToLong(site -> (long) site.in() * site.out()).sum();
    }

    /**
     * Speed of the timed steps, and the losses.
     *
     * @param tokens of a step
     * @param operations floating-point operations per token
     */
    static Map<String, Object> speed(double tokens, double operations, List<StepReport> reports, int warmUp) {
        Sample seconds = new Sample(reports.subList(warmUp, reports.size()).stream()
                .map(StepReport::seconds)
                .toList());
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("tokens_per_s", tokens / seconds.median());
        report.put("slowest_tokens_per_s", tokens / seconds.max());
        report.put("fastest_tokens_per_s", tokens / seconds.min());
        report.put("flop_per_s", operations * tokens / seconds.median());
        report.put("first_loss", reports.get(0).loss());
        report.put("last_loss", reports.get(reports.size() - 1).loss());
        report.put("steps", reports.size() - warmUp);
        report.put("warm_up", warmUp);
        return report;
    }

    private static Map<String, Object> report(Settings settings, long parameters, List<StepReport> reports) {
        double tokens = (double) settings.batch() * settings.length();
        Map<String, Object> report = speed(tokens, 4.0 * parameters, reports, settings.warmUp());
        report.put("matrix_parameters", parameters);
        report.put("batch", settings.batch());
        report.put("length", settings.length());
        report.put("rank", settings.rank());
        report.put("unit_tokens", settings.unitTokens());
        report.put("dtype", settings.dtype().name().toLowerCase(Locale.ROOT));
        report.put("threads", settings.threads());
        ProcessCost.addTo(report);
        return report;
    }
}
