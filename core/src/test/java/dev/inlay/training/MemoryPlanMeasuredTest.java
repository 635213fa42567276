package dev.inlay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.Targets;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Site;
import dev.inlay.testing.RandomLlama;
import dev.inlay.training.TrainingOptions.Memory;
import dev.inlay.training.data.Batch;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Units;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans against the largest resident size of processes that train. */
class MemoryPlanMeasuredTest {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final RandomLlama MODEL = new RandomLlama(8, 256, 704, 4, 2, 8192);
    private static final int RANK = 8;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 4096, 512, 1, KEEP",
        "FLOAT32, 4096, 1024, 2, RECOMPUTE",
        "BFLOAT16, 4096, 512, 1, KEEP",
    })
    void plannedMemoryIsWithinAQuarterOfTheMeasured(
            DType type, int unitTokens, int rowTokens, int workers, Memory memory) throws Exception {
        assumeTrue(Files.exists(STATUS), "skipped: this system does not tell the largest resident size");
        MODEL.write(folder, type);
        ModelDirectory model = ModelDirectory.open(folder);
        Map<LinearSite, Integer> ranks = new HashMap<>();
        for (LinearSite place : model.sites()) {
            if (!place.site().equals(Site.HEAD)) {
                ranks.put(place, RANK);
            }
        }
        Workload.Cut cut = new Workload.Cut(unitTokens, rowTokens, workers, workers, memory, false);
        MemoryPlan plan = MemoryPlan.of(new Workload(model.config(), type, ranks, cut));
        long measured = measure(unitTokens, rowTokens, workers, memory);
        assertThat((double) plan.total() / measured)
                .as("%s, measured %.2f GB", plan, measured / 1e9)
                .isCloseTo(1, within(0.25));
    }

    private long measure(int unitTokens, int rowTokens, int workers, Memory memory) throws Exception {
        Path result = folder.resolve("peak");
        int status = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        MemoryPlanMeasuredTest.class.getName(),
                        folder.toString(),
                        result.toString(),
                        String.valueOf(unitTokens),
                        String.valueOf(rowTokens),
                        String.valueOf(workers),
                        memory.name())
                .inheritIO()
                .start()
                .waitFor();
        assertThat(status).isZero();
        return Long.parseLong(Files.readString(result));
    }

    /** Trains two steps and writes the largest resident size in bytes. */
    public static void main(String[] arguments) throws IOException {
        int unitTokens = Integer.parseInt(arguments[2]);
        int rowTokens = Integer.parseInt(arguments[3]);
        int threads = Integer.parseInt(arguments[4]);
        AdamW adamW = new AdamW(0.9, 0.999, 1e-8, 0);
        TrainingOptions options =
                new TrainingOptions(9, 1e-4, 1, 0, adamW, 1, 0, 0, 0, 0, 0, Memory.valueOf(arguments[5]));
        int rows = unitTokens / rowTokens * threads;
        try (Scope scope = Scope.open();
                Decoder decoder = Decoder.load(Path.of(arguments[0]), Device.CPU);
                Parameters parameters = Parameters.of(Parts.of(adapter(decoder)));
                Workers workers = Workers.of(threads);
                Trainer trainer = new Trainer(decoder, parameters, options, workers)) {
            Units units = new Units(examples(rows, rowTokens), Batch.rows(rows), unitTokens, 1);
            for (int step = 0; step < 2; step++) {
                trainer.step(units.step(step));
            }
        }
        Files.writeString(Path.of(arguments[1]), String.valueOf(largestResident()));
    }

    private static Adapter adapter(Decoder decoder) {
        Map<Site, LowRank> factors = new TreeMap<>();
        Targets targets = Targets.allLinear(decoder.sites());
        for (LinearSite place : decoder.sites()) {
            if (targets.contains(place.site())) {
                Tensor up = Tensor.zeros(DType.FLOAT32, Device.CPU, place.out(), RANK);
                Tensor down = Tensor.normal(0.1, place.path().hashCode(), DType.FLOAT32, RANK, place.in());
                factors.put(place.site(), new LowRank(up, down, 2));
            }
        }
        return Adapter.of(factors);
    }

    private static List<Example> examples(int count, int inputs) {
        Random random = new Random(3);
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean[] target = new boolean[inputs + 1];
            Arrays.fill(target, 1, inputs + 1, true);
            examples.add(
                    new Example(random.ints(inputs + 1, 0, MODEL.vocabulary()).toArray(), target, i + 1));
        }
        return examples;
    }

    private static long largestResident() throws IOException {
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith("VmHWM:")) {
                return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("no VmHWM in " + STATUS);
    }
}
