package dev.inlay.bench;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.model.Decoder;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.generation.GenerationListener;
import dev.inlay.model.generation.GenerationOptions;
import dev.inlay.model.generation.GenerationReport;
import dev.inlay.model.generation.Generator;
import dev.inlay.model.generation.Sampling;
import dev.inlay.model.generation.Stops;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/**
 * Generates greedily from one prompt or from several together, key/value cache, never stopped: the job of {@code
 * tools/baseline/transformers_generate.py}.
 *
 * <p>Prints {@code tokens_per_s} (tokens of all rows / median time of a run, prompts included), {@code decode_tokens_per_s}
 * (tokens after the first of each row / median time after the first), {@code first_token_s}, {@code read_bytes_per_s}
 * (bytes of all matrices / median time of a token of each row after the first), {@code tokens} of the first row, the
 * process's cost and the settings.
 */
public final class GenerationJob {
    /** Options of the command line. */
    interface Settings {
        @Option(names = "--model", required = true)
        Path model();

        @Option(names = "--dtype", required = true, description = "float32 or bfloat16")
        DType dtype();

        @Option(names = "--threads", defaultValue = "1", description = "threads")
        int threads();

        @Option(names = "--rows", defaultValue = "1", description = "prompts that are continued together")
        int rows();

        @Option(names = "--prompt", defaultValue = "32", description = "tokens of a prompt")
        int prompt();

        @Option(names = "--tokens", defaultValue = "100", description = "tokens to generate of each row")
        int tokens();

        @Option(names = "--warm-up", defaultValue = "1", description = "runs that are not timed")
        int warmUp();

        @Option(names = "--runs", defaultValue = "5", description = "timed runs")
        int runs();
    }

    /** One timed run. */
    private record Run(double seconds, GenerationReport report) {}

    private GenerationJob() {}

    public static void main(String[] arguments) {
        Job.main(Settings.class, arguments, GenerationJob::measure);
    }

    static Map<String, Object> measure(Settings settings) {
        try (Decoder decoder = ModelDirectory.open(settings.model()).load(settings.dtype(), Device.CPU)) {
            Generator generator = Generator.ofTokens(decoder, List.of());
            GenerationOptions options = GenerationOptions.of(Sampling.greedy(), Stops.none(), settings.tokens())
                    .withThreads(settings.threads());
            List<int[]> prompts = JobTokens.rows(
                    settings.rows(), settings.prompt(), decoder.config().vocabulary());
            List<Run> runs = new ArrayList<>();
            for (int i = 0; i < settings.warmUp() + settings.runs(); i++) {
                long start = System.nanoTime();
                GenerationReport report = generator.generate(prompts, options, GenerationListener.NONE);
                runs.add(new Run((System.nanoTime() - start) / 1e9, report));
            }
            long bytes = TrainingJob.matrixParameters(decoder.sites())
                    * settings.dtype().bytes();
            return report(settings, bytes, runs.subList(settings.warmUp(), runs.size()));
        }
    }

    private static Map<String, Object> report(Settings settings, long bytes, List<Run> runs) {
        Sample whole = new Sample(runs.stream().map(Run::seconds).toList());
        Sample first = new Sample(
                runs.stream().map(run -> run.report().secondsToFirstToken()).toList());
        Sample decode = new Sample(
                runs.stream().map(run -> run.report().decodeSeconds()).toList());
        double steps = (settings.tokens() - 1) / decode.median();
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("tokens_per_s", settings.rows() * settings.tokens() / whole.median());
        report.put("decode_tokens_per_s", settings.rows() * steps);
        report.put("first_token_s", first.median());
        report.put("read_bytes_per_s", bytes * steps);
        report.put("weight_bytes", bytes);
        report.put("runs", settings.runs());
        report.put("warm_up", settings.warmUp());
        report.put("rows", settings.rows());
        report.put("prompt", settings.prompt());
        report.put("tokens", runs.get(0).report().rows().get(0).tokens());
        report.put("dtype", settings.dtype().name().toLowerCase(Locale.ROOT));
        report.put("threads", settings.threads());
        ProcessCost.addTo(report);
        return report;
    }
}
