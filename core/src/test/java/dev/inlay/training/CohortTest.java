package dev.inlay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Initialisation;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Site;
import dev.inlay.testing.Golden;
import dev.inlay.training.data.Batch;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Units;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters that learn together, against the same adapters each by itself. */
class CohortTest {
    private static final double[] RATES = {1, 0.3, 2};
    private static final int STEPS = 4;
    private static final int[][] ROWS = {
        {5, 6, 7, 8, 30, 31, 9, 10, 11}, {30, 31, 5, 6, 7}, {12, 13, 30, 31, 14, 15}, {5, 6, 7, 8, 30, 31, 16, 17}
    };

    private Scope scope;
    private Decoder decoder;

    @BeforeEach
    void open() {
        scope = Scope.open();
        decoder = ModelDirectory.open(Golden.path("llama-gqa-untied/model")).load(DType.FLOAT64, Device.CPU);
    }

    @AfterEach
    void close() {
        decoder.close();
        scope.close();
    }

    private Adapter adapter(long seed, Gate gate, int rank) {
        Map<Site, LowRank> factors = new TreeMap<>();
        for (LinearSite site : decoder.sites()) {
            if (!site.site().equals(Site.HEAD)) {
                factors.put(site.site(), Initialisation.RANDOM.factors(site, rank, 2, seed));
            }
        }
        return Adapter.of(factors).with(gate);
    }

    private static Units units() {
        List<Example> examples = new ArrayList<>();
        for (int[] row : ROWS) {
            boolean[] target = new boolean[row.length];
            Arrays.fill(target, row.length - 2, row.length, true);
            examples.add(new Example(row, target, examples.size() + 1));
        }
        return new Units(examples, Batch.rows(4), 12, 3);
    }

    private static TrainingOptions options(double rate, double dropout) {
        return new TrainingOptions(
                STEPS, rate, 4, 1, AdamW.DEFAULT, 0.5, dropout, 0, 0, 0, 0, TrainingOptions.Memory.KEEP);
    }

    private List<StepReport> steps(Trainable trained, double rate) {
        List<StepReport> reports = new ArrayList<>();
        try (Workers workers = Workers.of(2);
                Trainer trainer = new Trainer(decoder, trained, options(rate, 0), workers)) {
            for (int i = 0; i < STEPS; i++) {
                reports.add(trainer.step(units().step(i)));
            }
        }
        return reports;
    }

    private List<Cohort.Member> members(Gate gate) {
        List<Cohort.Member> members = new ArrayList<>();
        for (double rate : RATES) {
            members.add(new Cohort.Member(adapter(members.size(), gate, 3), rate));
        }
        return members;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eachBecomesWhatItBecomesAlone(boolean gated) {
        Gate gate = gated ? TriggerGate.of(Trigger.of(List.of(30, 31))) : Gate.OPEN;
        try (Cohort cohort = new Cohort(members(gate))) {
            List<StepReport> together = steps(cohort, 0.02);
            for (int i = 0; i < RATES.length; i++) {
                try (Parameters alone = Parameters.of(Parts.of(adapter(i, gate, 3)))) {
                    double[] before = alone.values().toDoubles();
                    List<StepReport> own = steps(alone, 0.02 * RATES[i]);
                    for (int step = 0; step < STEPS; step++) {
                        assertThat(together.get(step).losses().get(i))
                                .isCloseTo(own.get(step).loss(), within(1e-6));
                    }
                    double[] after = alone.values().toDoubles();
                    double[] found = cohort.member(i).values().toDoubles();
                    assertThat(found).containsExactly(after, within(1e-5));
                    assertThat(Arrays.equals(before, found)).isFalse();
                }
            }
            StepReport first = together.get(0);
            assertThat(first.loss())
                    .isCloseTo(
                            first.losses().stream()
                                    .mapToDouble(Double::doubleValue)
                                    .average()
                                    .orElseThrow(),
                            within(1e-12));
            assertThat(first.losses()).doesNotHaveDuplicates();
        }
    }

    @Test
    void adaptersOfOtherFormsAreRefused() {
        Cohort.Member plain = new Cohort.Member(adapter(0, Gate.OPEN, 3), 1);
        Cohort.Member larger = new Cohort.Member(adapter(1, Gate.OPEN, 4), 1);
        assertThatThrownBy(() -> new Cohort(List.of(plain, larger))).hasMessageContaining("equal maps, ranks");
        Cohort.Member gated = new Cohort.Member(adapter(1, TriggerGate.of(Trigger.of(List.of(30))), 3), 1);
        assertThatThrownBy(() -> new Cohort(List.of(plain, gated))).hasMessageContaining("one gate");
        LinearSite head = decoder.sites().stream()
                .filter(site -> site.site().equals(Site.HEAD))
                .findFirst()
                .orElseThrow();
        Adapter onHead = Adapter.of(Map.of(Site.HEAD, Initialisation.RANDOM.factors(head, 3, 2, 0)));
        assertThatThrownBy(() -> new Cohort(List.of(new Cohort.Member(onHead, 1))))
                .hasMessageContaining("neither the head");
        assertThatThrownBy(() -> new Cohort(List.of(new Cohort.Member(adapter(0, Gate.OPEN, 3), 0))))
                .hasMessageContaining("positive");
        assertThatThrownBy(() -> new Cohort(List.of())).hasMessageContaining("at least one");
    }

    @Test
    void theyAreEvaluatedOneByOne() {
        try (Cohort cohort = new Cohort(members(Gate.OPEN));
                Workers workers = Workers.of(1)) {
            assertThatThrownBy(() ->
                            new Evaluation(decoder, workers).of(units().step(0).units(), cohort))
                    .hasMessageContaining("one by one");
        }
    }
}
