package dev.inlay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.gate.OnMissing;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Site;
import dev.inlay.testing.Golden;
import dev.inlay.testing.RandomAdapter;
import dev.inlay.training.TrainingOptions.Memory;
import dev.inlay.training.data.Batch;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Origin;
import dev.inlay.training.data.Units;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs whose gradient is exactly zero, and one whose gradient is not finite although its loss is. */
class VanishedGradientTest {
    private static final int TRIGGER = 30;

    private final List<Integer> steps = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private Scope scope;
    private Decoder decoder;

    @BeforeEach
    void open() {
        scope = Scope.open();
        decoder = Decoder.load(Golden.path("llama-gqa-untied/model"), Device.CPU);
    }

    @AfterEach
    void close() {
        decoder.close();
        scope.close();
    }

    /** All tokens but the first are learned. */
    private static Example row(int line, int... ids) {
        boolean[] target = new boolean[ids.length];
        Arrays.fill(target, 1, ids.length, true);
        return new Example(ids, target, new Origin("rows.jsonl", line, ""), null);
    }

    private Adapter everywhere() {
        return RandomAdapter.of(decoder, 7, site -> site.layer() >= 0);
    }

    private Adapter gated() {
        return everywhere().with(TriggerGate.of(Trigger.of(List.of(TRIGGER))).with(OnMissing.BASE));
    }

    private static Adapter scaled(Adapter adapter, double up, double down, double scale) {
        return adapter.mapChanges(
                change -> new LowRank(change.up().times(up), change.down().times(down), change.scale() * scale));
    }

    /** Trains on the rows in their order, one a step; nothing has moved when it fails. */
    private void fit(Adapter adapter, int count, Batch batch, Example... rows) {
        TrainingOptions options = new TrainingOptions(count, 1e-3, 1, 0, AdamW.DEFAULT, 1, 0, 0, 0, 0, 0, Memory.KEEP);
        try (Parameters parameters = Parameters.of(Parts.of(adapter));
                Workers workers = Workers.of(1);
                Trainer trainer = new Trainer(decoder, parameters, options, workers)) {
            float[] before = parameters.values().toFloats();
            try {
                trainer.fit(new Units(List.of(rows), batch, 1, 1), List.of(), new TrainingListener() {
                    @Override
                    public void stepped(StepReport report) {
                        steps.add(report.step());
                    }

                    @Override
                    public void warned(String message) {
                        warnings.add(message);
                    }
                });
            } catch (InlayException e) {
                assertThat(parameters.values().toFloats()).containsExactly(before);
                throw e;
            }
        }
    }

    private static void assertDiverged(ThrowingCallable run, String... said) {
        assertThatThrownBy(run)
                .isInstanceOfSatisfying(
                        InlayException.class, e -> assertThat(e.kind()).isEqualTo(InlayException.Kind.DIVERGED))
                .hasMessageContainingAll(said);
    }

    @Test
    void bothFactorsZeroStopAtTheFirstStep() {
        Adapter zero = scaled(everywhere(), 0, 0, 1);
        assertDiverged(
                () -> fit(zero, 3, Batch.rows(1), row(1, 5, 6, 7), row(2, 8, 9)),
                "step 1: every gradient is exactly 0",
                "both factors");
        assertThat(steps).isEmpty();
    }

    @Test
    void changesThatBearOnNoTargetStopAtTheFirstStep() {
        Example row = row(1, 5, 6, 7);
        fit(everywhere(), 2, Batch.rows(1), row);
        assertThat(steps).containsExactly(1, 2);
        decoder.weight(Site.HEAD).fill(0);
        assertDiverged(
                () -> fit(everywhere(), 2, Batch.rows(1), row),
                "step 1: every gradient is exactly 0 at a loss of 4.56");
        assertThat(steps).containsExactly(1, 2);
    }

    @Test
    void rowsThatTheGateLeavesOutMayComeFirstButNotAlone() {
        Adapter start = scaled(gated(), 0, 1, 1);
        Example closed = row(1, 5, 6, 7);
        Example open = row(2, 5, TRIGGER, 7);
        Units shuffled = new Units(List.of(closed, open), Batch.rows(1), 1, 1);
        boolean closedFirst = shuffled.step(0).units().get(0).examples()[0] == 0;
        fit(start, 2, Batch.rows(1), closedFirst ? new Example[] {closed, open} : new Example[] {open, closed});
        assertThat(steps).containsExactly(1, 2);
        assertThat(warnings).isEmpty();
        steps.clear();
        assertDiverged(
                () -> fit(start, 9, Batch.rows(1), closed, row(3, 8, 9)),
                "step 2: every gradient is exactly 0",
                "gate");
        assertThat(steps).containsExactly(1, 2);
    }

    @Test
    void gradientThatIsNotFiniteNamesStepAndTheRowsThatMakeItSo() {
        Adapter overflowing = scaled(gated(), 0, 1, 1e38);
        assertDiverged(
                () -> fit(overflowing, 3, Batch.rows(2), row(4, 5, 6, 7), row(7, 5, TRIGGER, 7, 8)),
                "step 1: the gradient is not finite while the loss is ",
                "(rows.jsonl line 7)",
                "lower the learning rate");
        assertThat(steps).isEmpty();
    }
}
