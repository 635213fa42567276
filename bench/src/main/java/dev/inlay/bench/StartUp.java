package dev.inlay.bench;

import dev.inlay.InlayException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/**
 * Wall time of whole commands, from the start of the process to its end.
 *
 * <p>Prints {@code help_s} and {@code generate_s} (100 tokens with a small model), medians, with {@code slowest_} of
 * each. The first run of each is not timed: it builds, and unpacks the native library.
 */
public final class StartUp {
    private static final int TOKENS = 100;

    /** Options of the command line. */
    interface Settings {
        @Option(names = "--root", defaultValue = ".", description = "of the repository")
        Path root();

        @Option(names = "--model", required = true, description = "directory of a small model")
        Path model();

        @Option(names = "--runs", defaultValue = "7", description = "timed runs of each command")
        int runs();
    }

    private StartUp() {}

    public static void main(String[] arguments) {
        Job.main(Settings.class, arguments, StartUp::measure);
    }

    static Map<String, Object> measure(Settings settings) {
        String inlay = settings.root().resolve("inlay").toAbsolutePath().toString();
        Map<String, Object> report = new LinkedHashMap<>();
        report(report, "help_s", List.of(inlay, "--help"), settings.runs());
        report(report, "generate_s", generate(inlay, settings.model()), settings.runs());
        report.put("runs", settings.runs());
        return report;
    }

    private static List<String> generate(String inlay, Path model) {
        return List.of(
                inlay,
                "generate",
                "--model",
                model.toString(),
                "--prompt",
                "Once upon a time",
                "--max-tokens",
                String.valueOf(TOKENS));
    }

    private static void report(Map<String, Object> report, String name, List<String> command, int runs) {
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i <= runs; i++) {
            seconds.add(seconds(command));
        }
        Sample timed = new Sample(seconds.subList(1, seconds.size()));
        report.put(name, timed.median());
        report.put("slowest_" + name, timed.max());
    }

    private static double seconds(List<String> command) {
        try {
            long start = System.nanoTime();
            Process process = JobProcess.builder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            int exitCode = process.waitFor();
            double elapsed = (System.nanoTime() - start) / 1e9;
            if (exitCode != 0) {
                throw InlayException.data("%s ended with exit code %d", String.join(" ", command), exitCode);
            }
            return elapsed;
        } catch (IOException e) {
            throw InlayException.data("cannot start %s: %s", command.get(0), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw InlayException.data("interrupted while %s ran", command.get(0));
        }
    }
}
