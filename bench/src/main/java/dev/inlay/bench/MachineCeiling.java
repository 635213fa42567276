package dev.inlay.bench;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Linear;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import picocli.CommandLine.Option;

/**
 * What this machine can do at most, in the shapes of a model.
 *
 * <p>Prints, for every number of threads T and element type D: {@code gemm_D_T} (FLOP/s of the fastest product of the
 * model's shapes, {@code --rows} rows, forward or backward), {@code mix_D_T} (FLOP/s over one forward and backward pass
 * of all linear maps), and {@code read_T} (bytes/s of the fastest way to read a buffer far above the cache).
 *
 * <p>Each thread multiplies or reads its own data, as the workers of training do.
 */
public final class MachineCeiling {
    /** Repetitions whose best counts: disturbances only ever slow a measurement. */
    private static final int ATTEMPTS = 5;

    private static final long SEED = 1;

    /** Options of the command line. */
    interface Settings {
        @Option(names = "--model", required = true, description = "whose shapes are multiplied")
        Path model();

        @Option(names = "--threads", split = ",", defaultValue = "1,2")
        int[] threads();

        @Option(names = "--rows", defaultValue = "1024", description = "rows of every product")
        int rows();

        @Option(names = "--bytes", defaultValue = "536870912", description = "size of the buffer that is read")
        long bytes();

        @Option(names = "--seconds", defaultValue = "0.1", description = "least duration of an attempt")
        double seconds();
    }

    /** A linear map's shape, and how many maps have it. */
    private record Shape(int out, int in, int count) {
        double flop(int rows) {
            return 2.0 * rows * in * out;
        }
    }

    private final Settings settings;

    private MachineCeiling(Settings settings) {
        this.settings = settings;
    }

    public static void main(String[] arguments) {
        Job.main(Settings.class, arguments, MachineCeiling::measure);
    }

    static Map<String, Object> measure(Settings settings) {
        MachineCeiling ceiling = new MachineCeiling(settings);
        List<Shape> shapes = shapes(ModelDirectory.open(settings.model()).sites());
        Map<String, Object> report = new LinkedHashMap<>();
        for (int threads : settings.threads()) {
            try (Workers workers = Workers.of(threads)) {
                for (DType type : List.of(DType.FLOAT32, DType.BFLOAT16)) {
                    ceiling.products(type, workers, shapes, report);
                }
                report.put("read_" + threads, ceiling.reading(workers));
            }
        }
        return report;
    }

    private static List<Shape> shapes(List<LinearSite> sites) {
        Map<List<Integer>, Integer> counts = new TreeMap<>((a, b) -> Arrays.compare(sides(a), sides(b)));
        sites.forEach(site -> counts.merge(List.of(site.out(), site.in()), 1, Integer::sum));
        List<Shape> shapes = new ArrayList<>();
        counts.forEach((sides, count) -> shapes.add(new Shape(sides.get(0), sides.get(1), count)));
        return shapes;
    }

    private static int[] sides(List<Integer> shape) {
        return shape.stream().mapToInt(Integer::intValue).toArray();
    }

    private void products(DType type, Workers workers, List<Shape> shapes, Map<String, Object> report) {
        double best = 0;
        double flop = 0;
        double seconds = 0;
        for (Shape shape : shapes) {
            for (boolean backward : new boolean[] {false, true}) {
                double each = secondsPerProduct(type, workers, shape, backward);
                best = Math.max(best, workers.threads() * shape.flop(settings.rows()) / each);
                flop += workers.threads() * shape.count() * shape.flop(settings.rows());
                seconds += shape.count() * each;
            }
        }
        String suffix = "_" + type.name().toLowerCase(Locale.ROOT) + "_" + workers.threads();
        report.put("gemm" + suffix, best);
        report.put("mix" + suffix, flop / seconds);
    }

    /** Wall time of one product per thread, all threads at once: x W' forward, g W backward. */
    private double secondsPerProduct(DType type, Workers workers, Shape shape, boolean backward) {
        try (Scope scope = Scope.open()) {
            Tensor stored = Tensor.normal(1, SEED, DType.FLOAT32, shape.out(), shape.in())
                    .to(type);
            Tensor weight = backward ? stored.transposed() : stored;
            List<Tensor> inputs = new ArrayList<>();
            for (int i = 0; i < workers.threads(); i++) {
                inputs.add(Tensor.normal(1, SEED + i, DType.FLOAT32, settings.rows(), weight.size(1))
                        .to(type));
            }
            return secondsEach(workers, i -> Linear.apply(inputs.get(i), weight, null));
        }
    }

    /** Bytes per second, the best of libtorch's sum, Java's sum and a matrix-vector product. */
    private double reading(Workers workers) {
        long each = settings.bytes() / workers.threads();
        double seconds = Math.min(
                secondsOfJavaSum(workers, each),
                Math.min(secondsOfSum(workers, each), secondsOfProduct(workers, each)));
        return each * (double) workers.threads() / seconds;
    }

    private double secondsOfSum(Workers workers, long bytes) {
        try (Scope scope = Scope.open()) {
            List<Tensor> buffers = buffers(workers, bytes / 4);
            return secondsEach(workers, i -> buffers.get(i).sum());
        }
    }

    private double secondsOfProduct(Workers workers, long bytes) {
        long width = 1024;
        try (Scope scope = Scope.open()) {
            List<Tensor> matrices = buffers(workers, bytes / 4 / width, width);
            Tensor x = Tensor.normal(1, SEED, DType.FLOAT32, 1, width);
            return secondsEach(workers, i -> Linear.apply(x, matrices.get(i), null));
        }
    }

    private static List<Tensor> buffers(Workers workers, long... shape) {
        List<Tensor> buffers = new ArrayList<>();
        for (int i = 0; i < workers.threads(); i++) {
            buffers.add(Tensor.full(1, DType.FLOAT32, Device.CPU, shape));
        }
        return buffers;
    }

    private double secondsOfJavaSum(Workers workers, long bytes) {
        long[][] buffers = new long[workers.threads()][Math.toIntExact(bytes / 8)];
        for (long[] buffer : buffers) {
            Arrays.fill(buffer, 1);
        }
        long[] sums = new long[workers.threads()];
        double seconds = secondsEach(workers, i -> sums[i] = sum(buffers[i]));
        if (Arrays.stream(sums).anyMatch(sum -> sum != buffers[0].length)) {
            throw new IllegalStateException("a sum is wrong: " + Arrays.toString(sums));
        }
        return seconds;
    }

    private static long sum(long[] values) {
        long sum = 0;
        for (long value : values) {
            sum += value;
        }
        return sum;
    }

    /** Least wall time of one call of {@code task} per thread, all threads at once. */
    private double secondsEach(Workers workers, IntConsumer task) {
        int repeats = 1;
        double elapsed = seconds(workers, repeats, task);
        while (elapsed < settings.seconds()) {
            repeats = Math.max(repeats + 1, (int) Math.ceil(repeats * 1.2 * settings.seconds() / elapsed));
            elapsed = seconds(workers, repeats, task);
        }
        double best = elapsed;
        for (int i = 1; i < ATTEMPTS; i++) {
            best = Math.min(best, seconds(workers, repeats, task));
        }
        return best / repeats;
    }

    private static double seconds(Workers workers, int repeats, IntConsumer task) {
        try (Scope scope = Scope.open()) {
            long start = System.nanoTime();
            workers.map(workers.threads(), i -> {
                for (int r = 0; r < repeats; r++) {
                    try (Scope call = Scope.open()) {
                        task.accept(i);
                    }
                }
                return List.of();
            });
            return (System.nanoTime() - start) / 1e9;
        }
    }
}
