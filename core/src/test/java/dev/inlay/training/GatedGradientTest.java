package dev.inlay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.Role;
import dev.inlay.adapter.Slot;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.ModelDirectory;
import dev.inlay.testing.Golden;
import dev.inlay.testing.RandomAdapter;
import dev.inlay.training.TrainingOptions.Memory;
import dev.inlay.training.data.Batch;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Unit;
import dev.inlay.training.data.Units;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Gradients and losses of gated adapters, by the acceptance facts; float64 where nothing else is said. */
class GatedGradientTest {
    private static final int TRIGGER = 30;
    private static final double ROUNDING = 1e-12;

    private Scope scope;
    private Decoder decoder;
    private Adapter adapter;

    @BeforeEach
    void open() {
        scope = Scope.open();
        decoder = ModelDirectory.open(Golden.path("llama-gqa-untied/model")).load(DType.FLOAT64, Device.CPU);
        adapter = RandomAdapter.of(decoder, 7, site -> site.layer() >= 0)
                .with(TriggerGate.of(Trigger.of(List.of(TRIGGER))));
    }

    @AfterEach
    void close() {
        decoder.close();
        scope.close();
    }

    /**
     * Tokens before the trigger, the trigger, and tokens behind it, all of which are learned.
     *
     * @param early whether tokens before it are learned too
     */
    private static Example row(int before, int behind, boolean early, int seed) {
        int[] ids = IntStream.range(0, before + 1 + behind)
                .map(i -> i == before ? TRIGGER : 1 + (i * 7 + seed * 5) % 29)
                .toArray();
        boolean[] target = new boolean[ids.length];
        Arrays.fill(target, early ? 1 : before + 1, ids.length, true);
        return new Example(ids, target, seed);
    }

    private Map<Slot, Tensor> leaves(List<Intervention> acting) {
        Map<Slot, Tensor> leaves = new LinkedHashMap<>();
        List<Slot> slots = List.copyOf(adapter.tensors().keySet());
        acting.add(adapter.mapTensors(tensor -> {
            Tensor leaf = tensor.asLeaf();
            leaves.put(slots.get(leaves.size()), leaf);
            return leaf;
        }));
        return leaves;
    }

    /** Runs units forward, one after the other, and then back, the last first. */
    private Map<Slot, double[]> gradients(Memory memory, double weight, Unit... units) {
        List<Intervention> acting = new ArrayList<>();
        Map<Slot, Tensor> leaves = leaves(acting);
        List<UnitPass> passes = new ArrayList<>();
        List<Tensor> hidden = new ArrayList<>();
        for (Unit unit : units) {
            int[] begins = new Trainable.Model(decoder, acting, true).begins(unit.rows());
            UnitPass pass = UnitPass.of(decoder, unit, begins, acting, Prefixes.fresh());
            passes.add(pass);
            hidden.add(memory == Memory.KEEP ? decoder.hidden(pass.pass()) : decoder.hiddenRecomputing(pass.pass()));
        }
        for (int i = units.length - 1; i >= 0; i--) {
            new UnitLoss(decoder)
                    .backward(hidden.get(i), passes.get(i).unit(), passes.get(i).pass(), weight);
            passes.get(i).close();
        }
        Map<Slot, double[]> gradients = new LinkedHashMap<>();
        leaves.forEach((slot, leaf) -> {
            Tensor gradient = leaf.gradient();
            gradients.put(slot, gradient == null ? new double[(int) leaf.count()] : gradient.toDoubles());
        });
        return gradients;
    }

    private static Unit unit(Example... examples) {
        return Units.all(List.of(examples), 10_000).get(0);
    }

    private static double greatest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }

    @Test
    void fact6_atTheStartOnlySecondFactorsMoveAndNothingIsWarnedOf() {
        adapter = adapter.mapChanges(change -> new LowRank(change.up().times(0), change.down(), change.scale()));
        Unit unit = unit(row(5, 4, false, 1), row(3, 6, false, 2));
        gradients(Memory.KEEP, 1, unit).forEach((slot, gradient) -> {
            if (slot.role() == Role.DOWN) {
                assertThat(greatest(gradient)).as("%s", slot).isZero();
            } else {
                assertThat(greatest(gradient)).as("%s", slot).isPositive();
            }
        });
        List<String> warnings = new ArrayList<>();
        TrainingOptions options = new TrainingOptions(2, 1e-3, 1, 0, AdamW.DEFAULT, 1, 0, 0, 0, 0, 0, Memory.KEEP);
        Units units =
                new Units(List.of(row(5, 4, false, 1), row(3, 6, false, 2)), Batch.rows(2), 100, 1, Example::inputs);
        try (Parameters parameters = Parameters.of(Parts.of(adapter));
                Workers workers = Workers.of(1);
                Trainer trainer = new Trainer(decoder, parameters, options, workers)) {
            trainer.fit(units, List.of(), new TrainingListener() {
                @Override
                public void warned(String message) {
                    warnings.add(message);
                }
            });
        }
        assertThat(warnings).isEmpty();
    }

    @Test
    void fact6_aRowWithoutTheTriggerIsRefused() {
        Example without = new Example(new int[] {5, 6, 7}, new boolean[] {false, true, true}, 1);
        assertThatThrownBy(() -> gradients(Memory.KEEP, 1, unit(row(5, 4, false, 1), without)))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("does not occur");
    }

    @Test
    void fact7_recomputedGradientsAreEqualAlsoWithTwoForwardPassesBeforeTheFirstBackward() {
        Unit first = unit(row(5, 4, false, 1), row(3, 6, false, 2));
        Unit second = unit(row(9, 5, false, 3));
        Map<Slot, double[]> apart = gradients(Memory.KEEP, 1, first);
        gradients(Memory.KEEP, 1, second)
                .forEach((slot, gradient) -> apart.merge(
                        slot,
                        gradient,
                        (a, b) -> IntStream.range(0, a.length)
                                .mapToDouble(i -> a[i] + b[i])
                                .toArray()));
        for (Memory memory : Memory.values()) {
            gradients(memory, 1, first, second)
                    .forEach((slot, gradient) -> assertThat(gradient)
                            .as("%s %s", memory, slot)
                            .containsExactly(apart.get(slot), within(ROUNDING)));
        }
        assertThat(apart.values().stream()
                        .mapToDouble(GatedGradientTest::greatest)
                        .max()
                        .orElse(0))
                .isGreaterThan(0.01);
    }

    @Test
    void fact8_unitsOfTenAndNinetyTargetsAreOneBatchOfAHundred() {
        List<Example> rows = List.of(row(5, 10, false, 1), row(4, 90, false, 2));
        double[] together = stepped(rows, 1000);
        double[] apart = stepped(rows, 95);
        assertThat(apart).containsExactly(together, within(1e-6));
    }

    /** Loss and norm of the gradient of one step on all rows, in float32 as trained. */
    private double[] stepped(List<Example> rows, int unitTokens) {
        TrainingOptions options = new TrainingOptions(1, 1e-3, 1, 0, AdamW.DEFAULT, 1, 0, 0, 0, 0, 0, Memory.KEEP);
        Units units = new Units(rows, Batch.rows(rows.size()), unitTokens, 1, example -> 10 + example.targets());
        try (Parameters parameters = Parameters.of(Parts.of(adapter));
                Workers workers = Workers.of(1);
                Trainer trainer = new Trainer(decoder, parameters, options, workers)) {
            assertThat(units.step(0).units()).hasSize(unitTokens > 100 ? 1 : 2);
            StepReport report = trainer.step(units.step(0));
            assertThat(report.targets()).isEqualTo(100);
            return new double[] {report.loss(), report.gradientNorm()};
        }
    }

    @Test
    void fact8_learningTheBeginningTooDilutesTheGradient() {
        // 40 targets before the gate opens and 20 behind it: the mean is over three times as many.
        Unit rest = unit(row(40, 20, false, 1));
        Unit all = unit(row(40, 20, true, 1));
        assertThat(rest.targets()).isEqualTo(20);
        assertThat(all.targets()).isEqualTo(60);
        Map<Slot, double[]> full = gradients(Memory.KEEP, 1.0 / rest.targets(), rest);
        Map<Slot, double[]> diluted = gradients(Memory.KEEP, 1.0 / all.targets(), all);
        // The trigger is predicted by a closed token, so all that is learned before it moves nothing.
        full.forEach((slot, gradient) -> assertThat(diluted.get(slot))
                .as("%s", slot)
                .containsExactly(Arrays.stream(gradient).map(value -> value / 3).toArray(), within(ROUNDING)));
    }
}
