package dev.inlay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.FreeMemory;
import dev.inlay.model.DecoderConfig;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Site;
import dev.inlay.model.files.StoredTensor;
import dev.inlay.model.files.Weights;
import dev.inlay.testing.Golden;
import dev.inlay.training.TrainingOptions.Memory;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
    private static final ModelDirectory MODEL =
            ModelDirectory.open(Golden.path("llama-gqa-untied").resolve("model"));
    private static final Workload.Cut CUT = new Workload.Cut(100_000, 50, 2, 2, Memory.KEEP, false);
    private static final Workload ALL = work(site -> true);

    private static Workload work(Predicate<Site> targets) {
        Map<LinearSite, Integer> ranks = new HashMap<>();
        MODEL.sites().stream()
                .filter(place -> !place.site().equals(Site.HEAD) && targets.test(place.site()))
                .forEach(place -> ranks.put(place, 4));
        return new Workload(MODEL.config(), DType.FLOAT32, ranks, CUT);
    }

    private static Workload with(Memory memory, boolean dropout, int workers) {
        return ALL.with(
                new Workload.Cut(CUT.unitTokens(), CUT.rowTokens(), CUT.unitsPerStep(), workers, memory, dropout));
    }

    @Test
    void weightsAreThoseOfTheFilesButForNormsAndBiases() {
        try (Weights files = Weights.open(MODEL.path())) {
            long matrices = files.names().stream()
                    .map(files::tensor)
                    .filter(tensor -> tensor.shape().length == 2)
                    .mapToLong(StoredTensor::bytes)
                    .sum();
            assertThat(MemoryPlan.of(ALL).weights()).isEqualTo(matrices);
        }
    }

    @Test
    void recomputationTakesLessAndDropoutMore() {
        long kept = MemoryPlan.of(ALL).activations();
        assertThat(MemoryPlan.of(with(Memory.RECOMPUTE, false, 2)).activations())
                .isLessThan(kept);
        assertThat(MemoryPlan.of(with(Memory.KEEP, true, 2)).activations()).isGreaterThan(kept);
    }

    @Test
    void everyWorkerHoldsAUnitButNoMoreThanThereAre() {
        long two = MemoryPlan.of(ALL).activations();
        assertThat(MemoryPlan.of(with(Memory.KEEP, false, 1)).activations()).isCloseTo(two / 2, within(1L));
        assertThat(MemoryPlan.of(with(Memory.KEEP, false, 9)).activations()).isEqualTo(two);
    }

    @Test
    void layersBelowTheLowestAdaptedKeepNothing() {
        int top = MODEL.config().layers() - 1;
        assertThat(MemoryPlan.of(work(site -> site.layer() == top)).activations())
                .isLessThan(MemoryPlan.of(ALL).activations());
    }

    @Test
    void logitsDoNotGrowWithTheUnit() {
        Workload twice = ALL.with(CUT.withUnitTokens(2 * CUT.unitTokens()));
        assertThat(MemoryPlan.of(twice).logits()).isEqualTo(MemoryPlan.of(ALL).logits());
        assertThat(MemoryPlan.of(twice).activations())
                .isEqualTo(2 * MemoryPlan.of(ALL).activations());
    }

    @Test
    void largestUnitFitsAndOneTokenMoreDoesNot() {
        MemoryPlan plan = MemoryPlan.of(ALL);
        FreeMemory half = new FreeMemory(plan.total() / 2, "test");
        long unit = plan.largestUnit(half);
        assertThat(unit).isBetween(1L, CUT.unitTokens());
        assertThat(MemoryPlan.of(ALL.with(CUT.withUnitTokens(unit))).total()).isLessThanOrEqualTo(half.bytes());
        assertThat(MemoryPlan.of(ALL.with(CUT.withUnitTokens(unit + 1))).total())
                .isGreaterThan(half.bytes());
    }

    @Test
    void refusalNamesTheNumbersAndTheSettingThatHelps() {
        MemoryPlan plan = MemoryPlan.of(ALL);
        FreeMemory enough = new FreeMemory(plan.total(), "test");
        assertThat(plan.requireWithin(enough)).isSameAs(plan);
        FreeMemory half = new FreeMemory(plan.total() / 2, "limit of the container");
        assertThatThrownBy(() -> plan.requireWithin(half))
                .isInstanceOfSatisfying(
                        InlayException.class, e -> assertThat(e.kind()).isEqualTo(InlayException.Kind.MEMORY))
                .hasMessageContaining("GB is free (limit of the container)")
                .hasMessageContaining("activations")
                .hasMessageContaining("units of at most " + plan.largestUnit(half) + " tokens fit (now 100000)");
    }

    @Test
    void refusalSaysWhenRowsOrTheModelAreTooLarge() {
        Workload long1 = ALL.with(new Workload.Cut(500_000, 500_000, 2, 2, Memory.KEEP, false));
        MemoryPlan plan = MemoryPlan.of(long1);
        MemoryPlan small = MemoryPlan.of(ALL.with(new Workload.Cut(500_000, 500_000, 2, 1, Memory.RECOMPUTE, false)));
        assertThatThrownBy(() -> plan.requireWithin(new FreeMemory(small.total(), "test")))
                .hasMessageContaining("one worker, recomputation");
        assertThatThrownBy(() -> plan.requireWithin(new FreeMemory(small.total() / 2, "test")))
                .hasMessageMatching(".*rows of at most \\d+ tokens fit \\(now 500000\\)");
        assertThatThrownBy(() -> plan.requireWithin(new FreeMemory(1 << 20, "test")))
                .hasMessageContaining("the model itself does not fit");
    }

    @Test
    void frozenTrainingCostsFourPerWeightRecomputedSixAndLessAboveALowestLayer() {
        DecoderConfig config = MODEL.config();
        double head = (double) config.vocabulary() * config.width();
        double inLayers = config.parameters() - 2 * head;
        TrainingCost cost = TrainingCost.of(ALL, 0.25);
        assertThat(cost.layers()).isEqualTo(4 * inLayers);
        assertThat(cost.head()).isEqualTo(head);
        assertThat(cost.adapter()).isEqualTo(6.0 * ALL.adapterParameters());
        assertThat(TrainingCost.of(with(Memory.RECOMPUTE, false, 2), 0.25).layers())
                .isEqualTo(6 * inLayers);
        int lowest = config.layers() - 1;
        assertThat(TrainingCost.of(work(site -> site.layer() >= lowest), 0.25).layers())
                .isCloseTo((2 + 2.0 / config.layers()) * inLayers, within(1e-6 * inLayers));
    }

    /** Of two layers the first sees 4 positions: a token of a row of 10 sees 1, 2, 3, then always 4. */
    @Test
    void aWindowMakesAttentionCheaperByTheKeysThatNobodySees() {
        ModelDirectory model =
                ModelDirectory.open(Golden.path("qwen3-layer-types").resolve("model"));
        Map<LinearSite, Integer> ranks = Map.of(model.sites().get(0), 2);
        Workload work =
                new Workload(model.config(), DType.FLOAT32, ranks, new Workload.Cut(10, 10, 1, 1, Memory.KEEP, false));
        double seen = (0.5 + 1.5 + 2.5 + 3.5 + 6 * 4 + 10 * 5.0) / 10;
        // Scores and mix, forward and twice backward, 48 wide.
        assertThat(TrainingCost.of(work, 1).attention()).isCloseTo(3 * 4 * seen * 48, within(0.02 * 12 * seen * 48));
    }

    @Test
    void timeIsWorkOverRate() {
        TrainingCost cost = new TrainingCost(700, 200, 60, 40);
        assertThat(cost.seconds(1_000_000, 1e9, 0.5)).isEqualTo(2.0);
    }

    @Test
    void unitsShorterThanARowAreRefused() {
        assertThatThrownBy(() -> new Workload.Cut(10, 11, 1, 1, Memory.KEEP, false))
                .hasMessageContaining("row of 11 tokens");
    }
}
