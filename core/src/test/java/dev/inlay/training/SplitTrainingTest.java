package dev.inlay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.gate.FixedGate;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.Past;
import dev.inlay.model.Pasts;
import dev.inlay.model.Reading;
import dev.inlay.model.Rows;
import dev.inlay.model.Segments;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.testing.Golden;
import dev.inlay.testing.GoldenAdapter;
import dev.inlay.testing.RandomAdapter;
import dev.inlay.training.TrainingOptions.Memory;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Unit;
import dev.inlay.training.data.Units;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training that computes the tokens before a gate opens without gradients, against training that does not split. */
class SplitTrainingTest {
    private static final Trigger TRIGGER = Trigger.of(List.of(30, 31));
    private static final int[][] ROWS = {
        {5, 6, 7, 8, 30, 31, 9, 10, 11}, {30, 31, 5, 6, 7}, {12, 13, 30, 31, 14, 15}, {5, 6, 7, 8, 30, 31, 16, 17}
    };

    private Scope scope;
    private Decoder decoder;
    private Adapter adapter;

    @BeforeEach
    void open() {
        scope = Scope.open();
        decoder = ModelDirectory.open(Golden.path("llama-gqa-untied/model")).load(DType.FLOAT64, Device.CPU);
        adapter = RandomAdapter.of(decoder, 7).with(TriggerGate.of(TRIGGER));
    }

    @AfterEach
    void close() {
        decoder.close();
        scope.close();
    }

    /** All but the trigger and what stands before it is learned. */
    private static List<Example> examples(int[]... rows) {
        List<Example> examples = new ArrayList<>();
        for (int[] row : rows) {
            boolean[] target = new boolean[row.length];
            int trigger = IntStream.range(0, row.length)
                    .filter(i -> row[i] == 31)
                    .findFirst()
                    .orElseThrow();
            Arrays.fill(target, trigger + 1, row.length, true);
            examples.add(new Example(row, target, examples.size() + 1));
        }
        return examples;
    }

    /** Loss and gradients of all factors, of one unit of all rows. */
    private record Result(double loss, double[] gradient) {}

    private Result backward(Prefixes prefixes, Memory memory, List<Example> examples) {
        List<Tensor> leaves = new ArrayList<>();
        Adapter tracked = adapter.mapTensors(tensor -> {
            Tensor leaf = tensor.asLeaf();
            leaves.add(leaf);
            return leaf;
        });
        Unit unit = Units.all(examples, 1000).get(0);
        int[] begins = new Trainable.Model(decoder, List.of(tracked), true).begins(unit.rows());
        try (UnitPass split = UnitPass.of(decoder, unit, begins, List.of(tracked), prefixes)) {
            Tensor hidden =
                    memory == Memory.KEEP ? decoder.hidden(split.pass()) : decoder.hiddenRecomputing(split.pass());
            double[] losses = new UnitLoss(decoder).backward(hidden, split.unit(), split.pass(), 1);
            double[] gradient = leaves.stream()
                    .flatMapToDouble(leaf -> Arrays.stream(
                            leaf.gradient() == null
                                    ? new double[(int) leaf.count()]
                                    : leaf.gradient().toDoubles()))
                    .toArray();
            return new Result(Arrays.stream(losses).sum(), gradient);
        }
    }

    private static double distance(double[] a, double[] b) {
        assertThat(a).hasSameSizeAs(b);
        return IntStream.range(0, a.length)
                .mapToDouble(i -> Math.abs(a[i] - b[i]))
                .max()
                .orElse(0);
    }

    @Test
    void fact3_lossAndGradientsAreThoseOfTheWholeRows() {
        Result whole = backward(Prefixes.whole(), Memory.KEEP, examples(ROWS));
        assertThat(Arrays.stream(whole.gradient()).map(Math::abs).max().orElse(0))
                .isGreaterThan(0.01);
        try (KeptPrefixes kept = Prefixes.kept(1 << 20)) {
            for (Memory memory : Memory.values()) {
                for (Prefixes prefixes : List.of(Prefixes.fresh(), kept, kept)) {
                    Result split = backward(prefixes, memory, examples(ROWS));
                    assertThat(split.loss()).isCloseTo(whole.loss(), within(1e-11));
                    assertThat(distance(split.gradient(), whole.gradient())).isLessThan(1e-10);
                }
            }
        }
    }

    @Test
    void fact3_keptRowsAreThoseReadAnewBitByBit() {
        Result fresh = backward(Prefixes.fresh(), Memory.KEEP, examples(ROWS));
        try (KeptPrefixes kept = Prefixes.kept(1 << 20)) {
            backward(kept, Memory.KEEP, examples(ROWS));
            Result again = backward(kept, Memory.KEEP, examples(ROWS));
            assertThat(again.gradient()).isEqualTo(fresh.gradient());
            // Rows 0 and 3 begin alike: six tokens are read, four twice needed; later passes read nothing.
            assertThat(kept.readTokens()).isEqualTo(6);
            assertThat(kept.reusedTokens()).isEqualTo(4 + 10);
            assertThat(kept.byteCount()).isEqualTo(6L * 2 * decoder.config().layers() * kvWidth() * 8);
        }
    }

    private long kvWidth() {
        return (long) decoder.config().attention().keyValueHeads()
                * decoder.config().attention().headDim();
    }

    @Test
    void aStoreWithoutRoomReadsAnewAndKeepsNothing() {
        Result fresh = backward(Prefixes.fresh(), Memory.KEEP, examples(ROWS));
        try (KeptPrefixes none = Prefixes.kept(0)) {
            for (int i = 0; i < 2; i++) {
                assertThat(backward(none, Memory.KEEP, examples(ROWS)).gradient())
                        .isEqualTo(fresh.gradient());
            }
            assertThat(none.byteCount()).isZero();
            assertThat(none.readTokens()).isEqualTo(12);
        }
    }

    @Test
    void filesGiveOtherRunsTheSameBits(@TempDir Path folder) {
        Result fresh = backward(Prefixes.fresh(), Memory.KEEP, examples(ROWS));
        for (int run = 0; run < 2; run++) {
            PastFiles files = new PastFiles(folder.resolve("kept"), "base", DType.FLOAT64, DType.FLOAT64);
            try (KeptPrefixes kept = Prefixes.kept(run == 0 ? 1 << 20 : 0, files)) {
                for (int pass = 0; pass < 2; pass++) {
                    assertThat(backward(kept, Memory.KEEP, examples(ROWS)).gradient())
                            .isEqualTo(fresh.gradient());
                }
            }
        }
        assertThat(folder.resolve("kept")).isDirectoryContaining("glob:**.safetensors");
    }

    @Test
    void shorterFilesRoundTheSameInEveryRun(@TempDir Path folder) {
        Result exact = backward(Prefixes.fresh(), Memory.KEEP, examples(ROWS));
        List<Result> runs = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            PastFiles files = new PastFiles(folder, "base", DType.FLOAT64, DType.BFLOAT16);
            try (KeptPrefixes kept = Prefixes.kept(1 << 20, files)) {
                runs.add(backward(kept, Memory.KEEP, examples(ROWS)));
            }
        }
        assertThat(runs.get(1).gradient()).isEqualTo(runs.get(0).gradient());
        assertThat(distance(runs.get(0).gradient(), exact.gradient())).isBetween(1e-7, 0.05);
    }

    @Test
    void filesOfAnotherModelTypeOrRowAreRefused(@TempDir Path folder) throws IOException {
        PastFiles files = new PastFiles(folder, "base", DType.FLOAT64, DType.FLOAT64);
        files.of(decoder, List.of(new int[] {5, 6}, new int[] {7})).values().forEach(Past::close);
        assertThatThrownBy(() -> new PastFiles(folder, "other", DType.FLOAT64, DType.FLOAT64))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("another model or type");
        assertThatThrownBy(() -> new PastFiles(folder, "base", DType.FLOAT64, DType.FLOAT32))
                .hasMessageContaining("FLOAT32");
        List<Path> rows;
        try (Stream<Path> all = Files.list(folder)) {
            rows = all.filter(path -> path.toString().endsWith(".safetensors")).toList();
        }
        assertThat(rows).hasSize(2);
        byte[] first = Files.readAllBytes(rows.get(0));
        Files.write(rows.get(0), Files.readAllBytes(rows.get(1)));
        Files.write(rows.get(1), first);
        assertThatThrownBy(() -> files.of(decoder, List.of(new int[] {5, 6})))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("delete it");
        Files.write(rows.get(0), Arrays.copyOf(first, first.length / 2));
        Files.write(rows.get(1), Arrays.copyOf(first, first.length / 2));
        assertThatThrownBy(() -> files.of(decoder, List.of(new int[] {5, 6}))).isInstanceOf(InlayException.class);
    }

    @Test
    void aStoreIsForOneModel() {
        try (KeptPrefixes kept = Prefixes.kept(1 << 20);
                Decoder other = ModelDirectory.open(Golden.path("llama-gqa-untied/model"))
                        .load(DType.FLOAT64, Device.CPU)) {
            kept.of(decoder, List.of(new int[] {5})).close();
            assertThatThrownBy(() -> kept.of(other, List.of(new int[] {5})))
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("another model");
        }
    }

    @Test
    void fact4_tokensBeforeTheGateStillMatter() {
        int[][] changed = {ROWS[0].clone()};
        changed[0][1] = 40;
        assertThat(Math.abs(backward(Prefixes.fresh(), Memory.KEEP, examples(changed))
                                .loss()
                        - backward(Prefixes.fresh(), Memory.KEEP, examples(ROWS[0]))
                                .loss()))
                .isGreaterThan(1e-3);
    }

    @Test
    void fact4_aPassHoldsNoTokenOfABeginning() {
        Unit unit = Units.all(examples(ROWS), 1000).get(0);
        int[] begins = new Trainable.Model(decoder, List.of(adapter), true).begins(unit.rows());
        try (UnitPass pass = UnitPass.of(decoder, unit, begins, List.of(adapter), Prefixes.fresh())) {
            // Rows without their last token, a label, and without the 4, 0, 2 and 4 tokens before the trigger.
            assertThat(pass.pass().rows().tokens()).isEqualTo(8 + 4 + 5 + 7 - (4 + 2 + 4));
            assertThat(IntStream.range(0, 4)
                            .map(row -> pass.pass().firstPosition(row))
                            .sum())
                    .isEqualTo(10);
        }
    }

    @Test
    void fact5_suffixesOfOneBeginningAreRowsOfTheirOwn() {
        int[][] group = {{5, 6, 7, 8, 30, 31, 9, 10}, {5, 6, 7, 8, 30, 31, 11}, {5, 6, 7, 8, 30, 31, 12, 13, 14}};
        Result together = backward(Prefixes.fresh(), Memory.KEEP, examples(group));
        double loss = 0;
        double[] sum = new double[together.gradient().length];
        for (int[] row : group) {
            Result alone = backward(Prefixes.whole(), Memory.KEEP, examples(row));
            loss += alone.loss();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += alone.gradient()[i];
            }
        }
        assertThat(together.loss()).isCloseTo(loss, within(1e-11));
        assertThat(distance(together.gradient(), sum)).isLessThan(1e-10);
        try (KeptPrefixes kept = Prefixes.kept(1 << 20)) {
            backward(kept, Memory.KEEP, examples(group));
            assertThat(kept.readTokens()).isEqualTo(4);
        }
    }

    @Test
    void rowsWhosePositionsDependOnTheirLengthAreNotCutAndCounted() {
        try (Decoder other =
                ModelDirectory.open(Golden.path("phi3-longrope-partial/model")).load(DType.FLOAT64, Device.CPU)) {
            int original = IntStream.iterate(2, i -> i + 1)
                    .filter(i -> !other.config().canSplit(1, i))
                    .findFirst()
                    .orElseThrow();
            int[] row = IntStream.range(0, original + 4)
                    .map(i -> i == 4 ? 30 : i == 5 ? 31 : 1 + i % 20)
                    .toArray();
            List<Example> rows = examples(row, Arrays.copyOf(row, original - 2));
            Unit unit = Units.all(rows, 1000).get(0);
            int[] begins = new Trainable.Model(other, List.of(adapter), true).begins(unit.rows());
            try (UnitPass pass = UnitPass.of(other, unit, begins, List.of(adapter), Prefixes.fresh())) {
                assertThat(pass.pass().firstPosition(0)).isZero();
                assertThat(pass.pass().firstPosition(1)).isEqualTo(4);
            }
            GateReport report = GateReport.of(adapter.gate(), rows);
            assertThat(report.unsplit(other.config())).isEqualTo(1);
            assertThat(report.unsplit(decoder.config())).isZero();
        }
    }

    @Test
    void lossBeforeTheGateOpensIsComputedToo() {
        boolean[] early = new boolean[ROWS[0].length];
        early[2] = true;
        early[7] = true;
        List<Example> examples = List.of(new Example(ROWS[0], early, 1));
        Result whole = backward(Prefixes.whole(), Memory.KEEP, examples);
        Result split = backward(Prefixes.fresh(), Memory.KEEP, examples);
        assertThat(split.loss()).isCloseTo(whole.loss(), within(1e-11));
        assertThat(distance(split.gradient(), whole.gradient())).isLessThan(1e-10);
    }

    @Test
    void fact31_maskAndGateDoNotTouchEachOther() {
        Unit all = Units.all(examples(ROWS[0]), 100).get(0);
        boolean[] one = new boolean[ROWS[0].length];
        one[8] = true;
        Unit less = Units.all(List.of(new Example(ROWS[0], one, 1)), 100).get(0);
        double[] logits = logits(all.rows(), adapter);
        assertThat(logits(less.rows(), adapter)).isEqualTo(logits);
        assertThat(logits(all.rows(), adapter.with(new FixedGate(Segments.from(2)))))
                .isNotEqualTo(logits);
        assertThat(all.targets()).isEqualTo(3);
        assertThat(less.targets()).isEqualTo(1);
    }

    private double[] logits(List<Reading> rows, Intervention intervention) {
        Pass pass = Pass.over(Rows.reading(rows), List.of(intervention));
        return decoder.logits(decoder.hidden(pass), pass).toDoubles();
    }

    @Test
    void aPastGoesOnInAnyPassAndStaysAsItIs() {
        int[] row = ROWS[0];
        Past past = Past.read(decoder, List.of(Arrays.copyOf(row, 4))).get(0);
        try (past) {
            double[] keys = past.layers().get(1).keys().toDoubles();
            for (int trial = 0; trial < 2; trial++) {
                Pass pass = Pass.continuing(
                        new Pasts(List.of(past, past), List.of(Reading.of(row), Reading.of(row))),
                        Rows.of(Arrays.copyOfRange(row, 4, 9), Arrays.copyOfRange(row, 4, 7)),
                        List.of(adapter));
                double[] logits = decoder.logits(decoder.hidden(pass), pass).toDoubles();
                double[] whole = logits(List.of(Reading.of(row)), adapter);
                int vocabulary = decoder.config().vocabulary();
                assertThat(distance(
                                Arrays.copyOf(logits, 5 * vocabulary),
                                Arrays.copyOfRange(whole, 4 * vocabulary, 9 * vocabulary)))
                        .isLessThan(1e-12);
                assertThat(distance(
                                Arrays.copyOfRange(logits, 5 * vocabulary, 8 * vocabulary),
                                Arrays.copyOfRange(whole, 4 * vocabulary, 7 * vocabulary)))
                        .isLessThan(1e-12);
            }
            assertThat(past.layers().get(1).keys().toDoubles()).isEqualTo(keys);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama-linear-rope",
                "gpt2-tied",
                "mistral-window",
                "gemma",
                "gemma2",
                "gemma3",
                "gpt-neox",
                "granite",
                "olmo2",
                "phi3-longrope-partial",
                "qwen2-yarn-upper-window",
                "qwen3-layer-types",
                "smollm3"
            })
    void gradientsOfActivatedLoraEqualTheRecordedOnes(String model) {
        JsonNode recorded = Json.read(Golden.path(model).resolve("alora/training/training.json"));
        try (Decoder small =
                        ModelDirectory.open(Golden.path(model).resolve("model")).load(DType.FLOAT32, Device.CPU);
                Workers workers = Workers.of(2)) {
            Map<String, Tensor> factors =
                    Golden.tensors(Golden.path(model).resolve("alora/adapter/adapter_model.safetensors"));
            Gate gate = TriggerGate.of(Trigger.of(List.of(88, 91, 88)));
            Adapter start = GoldenAdapter.of(factors, small.sites(), 3).with(gate);
            Unit unit = Units.all(recordedExamples(model), 1000).get(0);
            for (Prefixes prefixes : List.of(Prefixes.whole(), Prefixes.fresh())) {
                try (Parameters parameters = Parameters.of(Parts.of(start));
                        Trainer trainer = new Trainer(small, parameters, options(), workers, prefixes)) {
                    StepReport report = trainer.step(new dev.inlay.training.data.Step(0, 0, List.of(unit)));
                    assertThat(report.targets())
                            .isEqualTo(recorded.get("targets").intValue());
                    assertThat(report.loss())
                            .isCloseTo(recorded.at("/one_step/loss").doubleValue(), within(1e-5));
                    assertThat(report.gradientNorm())
                            .isCloseTo(recorded.at("/one_step/gradient_norm").doubleValue(), within(1e-3));
                    parameters.values().copyFrom(trainer.optimiser().mean().times(10));
                    assertGradients(model, parameters, small);
                }
            }
        }
    }

    private static TrainingOptions options() {
        return new TrainingOptions(1, 1e-3, 1, 1, AdamW.DEFAULT, Double.POSITIVE_INFINITY, 0, 0, 0, 0, 0, Memory.KEEP);
    }

    private static List<Example> recordedExamples(String model) {
        Map<String, Tensor> cases = Golden.tensors(Golden.path(model).resolve("alora/cases.safetensors"));
        List<Example> examples = new ArrayList<>();
        try (SafetensorsFile masks =
                SafetensorsFile.open(Golden.path(model).resolve("alora/training/loss_masks.safetensors"))) {
            for (int row = 0; row < 3; row++) {
                int[] ids = Golden.ids(cases.get("row" + row + ".input_ids"));
                if (!masks.tensors().containsKey("row" + row + ".loss_mask")) {
                    continue;
                }
                ByteBuffer bytes = ByteBuffer.allocate(ids.length);
                masks.read(masks.tensor("row" + row + ".loss_mask"), 0, bytes);
                boolean[] target = new boolean[ids.length];
                IntStream.range(0, ids.length).forEach(i -> target[i] = bytes.get(i) != 0);
                if (IntStream.range(0, ids.length).anyMatch(i -> target[i])) {
                    examples.add(new Example(ids, target, row + 1));
                }
            }
        }
        return examples;
    }

    private static void assertGradients(String model, Parameters parameters, Decoder decoder) {
        Map<String, Tensor> expected =
                Golden.tensors(Golden.path(model).resolve("alora/training/gradients.safetensors"));
        Adapter gradient = parameters.parts().plain().orElseThrow();
        int compared = 0;
        for (LinearSite site : decoder.sites()) {
            LowRank factor = gradient.factors().get(site.site());
            if (factor != null) {
                compared += near(expected.get(GoldenAdapter.name(site, "lora_B")), factor.up());
                compared += near(expected.get(GoldenAdapter.name(site, "lora_A")), factor.down());
            }
        }
        assertThat(compared).isEqualTo(expected.size());
    }

    private static int near(Tensor expected, Tensor actual) {
        assertThat(Golden.difference(expected, actual)).isLessThan(1e-4 * Math.max(1e-3, expected.maxAbs()));
        return 1;
    }
}
