package dev.inlay.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.inlay.InlayException;
import dev.inlay.bench.JobProcess.Done;
import dev.inlay.bench.JobProcess.Failed;
import dev.inlay.bench.JobProcess.Outcome;
import dev.inlay.bench.Results.Measurement;
import dev.inlay.model.files.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Runs the same jobs in Inlay and in transformers with peft, one after the other in turn, beside the machine's ceiling,
 * and writes the table and the raw numbers.
 *
 * <p>Every round does each case once with both sides, so that a slow drift of the machine reaches all cases alike. The
 * files are written after every round: a run that is stopped leaves what it has.
 */
public final class Comparison {
    /** Options of the command line. */
    interface Settings {
        @Option(names = "--model", required = true, description = "model directory in float32")
        Path model();

        @Option(names = "--model-bf16", required = true, description = "the same in bfloat16")
        Path bfloat16();

        @Option(
                names = "--small",
                defaultValue = "models/small-world",
                description = "model directory whose weights are all trained; default: ${DEFAULT-VALUE}")
        Path small();

        @Option(names = "--python", required = true, description = "Python with torch, transformers and peft")
        Path python();

        @Option(names = "--pairs", defaultValue = "5", description = "rounds")
        int pairs();

        @Option(names = "--threads", split = ",", defaultValue = "1,2")
        int[] threads();

        @Option(names = "--out", defaultValue = "bench/RESULTS.md", description = "the table; results.csv beside it")
        Path out();

        @Option(names = "--root", defaultValue = ".", description = "of the repository")
        Path root();

        @Nullable
        @Option(names = "--start-up", description = "small model directory for the time of whole commands")
        Path startUp();

        @Option(names = "--limit", defaultValue = "600", description = "most seconds of one process")
        int limit();

        @Option(names = "--quick", description = "tiny jobs, to see that all runs; the numbers mean nothing")
        boolean quick();
    }

    private static final int START_UP_RUNS = 7;

    private final Settings settings;
    private final Commands commands;
    private final List<Integer> threads;
    private final Results results = new Results();

    private Comparison(Settings settings) {
        this.settings = settings;
        this.threads = Arrays.stream(settings.threads()).boxed().toList();
        this.commands = new Commands(
                settings.root(),
                settings.python(),
                settings.model(),
                settings.bfloat16(),
                settings.small(),
                settings.quick() ? Sizes.QUICK : Sizes.FULL);
    }

    public static void main(String[] arguments) {
        Job.main(Settings.class, arguments, given -> {
            InlayException.require(given.pairs() >= 1, "--pairs must be at least 1, was %d", given.pairs());
            return new Comparison(given).run();
        });
    }

    private Map<String, Object> run() {
        Map<String, String> machine = MachineDescription.of(commands);
        machine.put("rounds", String.valueOf(settings.pairs()));
        if (settings.quick()) {
            machine.put("worth", "none: tiny jobs, to see that all runs");
        }
        String repeat = repeat(settings);
        for (int round = 1; round <= settings.pairs(); round++) {
            ceiling(round);
            for (Case job : Case.all(threads)) {
                pair(round, job);
            }
            write(machine, repeat);
        }
        Path small = settings.startUp();
        if (small != null) {
            record(1, ResultsPage.START_UP, Side.OURS, commands.startUp(small, START_UP_RUNS));
            write(machine, repeat);
        }
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("written", settings.out().toString());
        summary.put("failures", results.failures().size());
        return summary;
    }

    /** The command that does this again; places are the reader's own. */
    static String repeat(Settings settings) {
        String threads =
                Arrays.stream(settings.threads()).mapToObj(String::valueOf).collect(Collectors.joining(","));
        return "bench/run --model FLOAT32_DIRECTORY --model-bf16 BFLOAT16_DIRECTORY --python PYTHON --pairs "
                + settings.pairs()
                + " --threads "
                + threads
                + (settings.startUp() == null ? "" : " --start-up SMALL_MODEL_DIRECTORY")
                + (settings.quick() ? " --quick" : "");
    }

    private void ceiling(int round) {
        record(round, ResultsPage.CEILING, Side.MACHINE, commands.ceiling(threads));
    }

    private void pair(int round, Case job) {
        Process neighbour = job.neighbour() ? startNeighbour() : null;
        List<JsonNode> reports = new ArrayList<>();
        try {
            for (Side side : List.of(Side.OURS, Side.THEIRS)) {
                reports.add(record(round, job.toString(), side, commands.of(side, job)));
            }
        } finally {
            if (neighbour != null) {
                JobProcess.end(neighbour);
            }
        }
        if (job.kind() == Case.Kind.GENERATION) {
            int equal =
                    equalTokens(reports.get(0).path("tokens"), reports.get(1).path("tokens"));
            results.add(new Measurement(round, job.toString(), Side.OURS, ResultsPage.EQUAL_TOKENS, equal));
        }
    }

    /** How many of the first tokens are the same in both lists. */
    static int equalTokens(JsonNode ours, JsonNode theirs) {
        int equal = 0;
        while (equal < Math.min(ours.size(), theirs.size())
                && ours.get(equal).asInt() == theirs.get(equal).asInt()) {
            equal++;
        }
        return equal;
    }

    /** Runs one process and takes its numbers; a failure is written down and the comparison goes on. */
    private JsonNode record(int round, String job, Side side, List<String> command) {
        System.err.printf("round %d of %d: %s, %s%n", round, settings.pairs(), job, side);
        Outcome outcome = JobProcess.run(command, Duration.ofSeconds(settings.limit()));
        if (outcome instanceof Done done) {
            results.add(round, job, side, done.report());
            return done.report();
        }
        String line = String.format(Locale.ROOT, "round %d, %s, %s: %s", round, job, side, ((Failed) outcome).reason());
        System.err.println(line);
        results.addFailure(line);
        return MissingNode.getInstance();
    }

    /** A process that spins on the first core, or anywhere on systems that cannot pin. */
    private static Process startNeighbour() {
        List<String> command = new ArrayList<>();
        if (canPin()) {
            command.addAll(List.of("taskset", "-c", "0"));
        }
        command.addAll(Commands.java(BusyNeighbour.class));
        try {
            return JobProcess.builder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw InlayException.data("cannot start the busy neighbour: %s", e.getMessage());
        }
    }

    private static boolean canPin() {
        try {
            Process process = new ProcessBuilder("taskset", "-c", "0", "true").start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void write(Map<String, String> machine, String repeat) {
        Path out = settings.out().toAbsolutePath();
        try {
            Files.createDirectories(out.getParent());
        } catch (IOException e) {
            throw InlayException.data("cannot make the folder of %s: %s", out, e.getMessage());
        }
        AtomicFile.write(out, new ResultsPage(results, threads).render(machine, repeat));
        AtomicFile.write(out.resolveSibling("results.csv"), results.csv());
    }
}
