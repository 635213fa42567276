package dev.inlay.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.OperatingSystemMXBean;
import dev.inlay.InlayException;
import dev.inlay.dynamics.Head;
import dev.inlay.dynamics.Interaction;
import dev.inlay.dynamics.Matrix;
import dev.inlay.dynamics.Mersenne;
import dev.inlay.dynamics.Paired;
import dev.inlay.dynamics.Rescaled;
import dev.inlay.dynamics.Scheme;
import dev.inlay.dynamics.Steps;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/**
 * Token dynamics beside numpy: one right-hand side of rescaled tokens at several sizes, and the published bifurcation sweep
 * of 28 changes with up to 4,000 steps each. Both sides run in turn, {@code --rounds} times.
 *
 * <p>Prints medians over the rounds: {@code wall_s_*} and {@code cpu_s_*} (processor time of the whole process per
 * evaluation) of ours, {@code numpy_*} of theirs, {@code ratio_*} theirs over ours, and {@code growth}: our processor time per
 * n^2 d at each size over that at the first. With other work on the machine only the ratios of processor time mean something.
 */
public final class DynamicsJob {
    /** Options of the command line. */
    interface Settings {
        @Option(names = "--python", required = true, description = "Python with numpy")
        Path python();

        @Option(names = "--root", defaultValue = ".", description = "of the repository")
        Path root();

        @Option(names = "--rounds", defaultValue = "3")
        int rounds();

        @Option(names = "--seconds", defaultValue = "2", description = "for each size and round")
        double seconds();

        @Option(names = "--sizes", split = ",", defaultValue = "128x128,500x64,1000x64,2000x64", description = "n x d")
        List<String> sizes();

        @Option(names = "--threads", defaultValue = "1", description = "of numpy's products")
        int threads();
    }

    private static final double[] EPS = {
        .001, .0016, .0017, .0018, .0019, .002, .0021, .0022, .0023, .003, .004, .005, .006, .007, .008, .009, .010,
        .011, .012, .015, .025, .030, .040, .05, .055, .060, .065, .075
    };

    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final Settings settings;
    private final Map<String, List<Double>> values = new TreeMap<>();
    private List<Double> times = List.of();

    private DynamicsJob(Settings settings) {
        this.settings = settings;
    }

    public static void main(String[] arguments) {
        Job.main(Settings.class, arguments, settings -> new DynamicsJob(settings).run());
    }

    private Map<String, Object> run() {
        for (int round = 0; round < settings.rounds(); round++) {
            settings.sizes().forEach(this::ours);
            measure("sweep", 0, DynamicsJob::sweep);
            theirs();
        }
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("rounds", settings.rounds());
        report.put("processors", Runtime.getRuntime().availableProcessors());
        values.forEach((name, all) -> report.put(name, new Sample(all).median()));
        List<String> jobs = new ArrayList<>(settings.sizes());
        jobs.add("sweep");
        for (String job : jobs) {
            for (String clock : List.of("wall_s_", "cpu_s_")) {
                report.put("ratio_" + clock + job, median("numpy_" + clock + job) / median(clock + job));
            }
        }
        String first = settings.sizes().get(0);
        for (String size : settings.sizes()) {
            report.put(
                    "growth_" + size, median("cpu_s_" + size) / work(size) / (median("cpu_s_" + first) / work(first)));
        }
        report.put("bifurcation", times);
        return report;
    }

    private double median(String name) {
        return new Sample(values.getOrDefault(name, List.of())).median();
    }

    private static double work(String size) {
        int[] shape = shape(size);
        return (double) shape[0] * shape[0] * shape[1];
    }

    private static int[] shape(String size) {
        int[] shape = Arrays.stream(size.split("x")).mapToInt(Integer::parseInt).toArray();
        InlayException.require(shape.length == 2, "a size reads 128x128, was %s", size);
        return shape;
    }

    private void ours(String size) {
        int[] shape = shape(size);
        int n = shape[0];
        int d = shape[1];
        Rescaled flow = new Rescaled(n, Head.identity(d), Interaction.softmax(1));
        double[] z = new double[n * d];
        Arrays.setAll(z, k -> (k * 7919L + 104729) % 100003 / 100003.0 - 0.5);
        double[] out = new double[z.length];
        measure(size, settings.seconds(), () -> {
            flow.drift(.5, z, out);
            return List.of();
        });
        double sum = Arrays.stream(out).map(Math::abs).sum();
        values.computeIfAbsent("checksum_" + size, name -> new ArrayList<>()).add(sum);
    }

    /** Runs once untimed, then for so many seconds, at least once. */
    private void measure(String name, double seconds, Supplier<List<Double>> body) {
        long ready = System.nanoTime() + (long) (1e9 * seconds / 2);
        do {
            times = body.get();
        } while (System.nanoTime() < ready);
        List<Double> walls = new ArrayList<>();
        long cpu = SYSTEM.getProcessCpuTime();
        long end = System.nanoTime() + (long) (1e9 * seconds);
        do {
            long start = System.nanoTime();
            times = body.get();
            walls.add((System.nanoTime() - start) / 1e9);
        } while (System.nanoTime() < end);
        double spent = (SYSTEM.getProcessCpuTime() - cpu) / 1e9 / walls.size();
        values.computeIfAbsent("wall_s_" + name, each -> new ArrayList<>()).add(new Sample(walls).median());
        values.computeIfAbsent("cpu_s_" + name, each -> new ArrayList<>()).add(spent);
    }

    private static List<Double> sweep() {
        double[] x = new Mersenne(42).uniform(40, -1, 1);
        Rescaled plain = new Rescaled(20, Head.identity(2), Interaction.softmax(1));
        double[] base = Steps.visit(plain, new Scheme.Euler(), x, 0, .1, 200, (state, t) -> {});
        Paired paired = new Paired(20, 2, base, .1);
        return IntStream.range(0, EPS.length)
                .parallel()
                .mapToObj(k -> {
                    Head head = new Head(Matrix.identity(2), Matrix.diagonal(1, 1 - EPS[k]));
                    Rescaled flow = new Rescaled(20, head, Interaction.softmax(1));
                    return paired.times(flow, new Scheme.Euler(), x, .1, 4000)
                            .bifurcation()
                            .orElse(-1);
                })
                .toList();
    }

    private void theirs() {
        List<String> command = List.of(
                settings.python().toString(),
                settings.root().resolve("tools/baseline/dynamics.py").toString(),
                "--threads",
                String.valueOf(settings.threads()),
                "--seconds",
                String.valueOf(settings.seconds()),
                "--sizes",
                String.join(",", settings.sizes()));
        JobProcess.Outcome outcome = JobProcess.run(command, Duration.ofMinutes(10));
        if (!(outcome instanceof JobProcess.Done done)) {
            throw InlayException.data("numpy's side failed: %s", outcome);
        }
        for (Map.Entry<String, JsonNode> each : done.report().properties()) {
            if (each.getValue().isNumber()) {
                values.computeIfAbsent("numpy_" + each.getKey(), name -> new ArrayList<>())
                        .add(each.getValue().asDouble());
            }
        }
    }
}
