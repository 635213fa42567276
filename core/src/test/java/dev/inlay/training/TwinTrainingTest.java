package dev.inlay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.adapter.twin.LateFusion;
import dev.inlay.adapter.twin.Reader;
import dev.inlay.adapter.twin.Readers;
import dev.inlay.adapter.twin.TwinReaders;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
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
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Gradients of adapters whose tokens read two sides, in float64. */
class TwinTrainingTest {
    private static final int[][] ROWS = {{4, 9, 12, 30, 31, 6, 8, 2, 17}, {7, 3, 30, 31, 22, 11}};
    private static final Gate GATE = TriggerGate.of(Trigger.of(List.of(30, 31)));

    private Scope scope;
    private Decoder decoder;
    private Adapter adapter;

    @BeforeEach
    void open() {
        scope = Scope.open();
        decoder = ModelDirectory.open(Golden.path("llama-gqa-untied/model")).load(DType.FLOAT64, Device.CPU);
        adapter = RandomAdapter.of(decoder, 7, site -> site.layer() >= 0).with(GATE);
    }

    @AfterEach
    void close() {
        decoder.close();
        scope.close();
    }

    private static List<Example> examples() {
        List<Example> examples = new ArrayList<>();
        for (int[] row : ROWS) {
            int trigger = IntStream.range(0, row.length)
                    .filter(i -> row[i] == 31)
                    .findFirst()
                    .orElseThrow();
            boolean[] target = new boolean[row.length];
            Arrays.fill(target, trigger + 1, row.length, true);
            examples.add(new Example(row, target, examples.size() + 1));
        }
        return examples;
    }

    private record Result(double loss, List<double[]> gradients) {}

    private Result backward(Parts parts, Memory memory) {
        List<Tensor> leaves = new ArrayList<>();
        Parts tracked = parts.mapTensors(tensor -> {
            Tensor leaf = tensor.asLeaf();
            leaves.add(leaf);
            return leaf;
        });
        List<Intervention> acting = tracked.on(decoder);
        Unit unit = Units.all(examples(), 1000).get(0);
        int[] begins = new Trainable.Model(decoder, acting, true).begins(unit.rows());
        try (UnitPass pass = UnitPass.of(decoder, unit, begins, acting, Prefixes.fresh())) {
            Tensor hidden =
                    memory == Memory.KEEP ? decoder.hidden(pass.pass()) : decoder.hiddenRecomputing(pass.pass());
            double[] losses = new UnitLoss(decoder).backward(hidden, pass.unit(), pass.pass(), 1);
            return new Result(
                    Arrays.stream(losses).sum(),
                    leaves.stream()
                            .map(leaf -> leaf.gradient() == null
                                    ? new double[(int) leaf.count()]
                                    : leaf.gradient().toDoubles())
                            .toList());
        }
    }

    private Parts reading(Reader reader) {
        return Parts.of(adapter, TwinReaders.of(Readers.all(reader), GATE));
    }

    private static void assertEqual(Result a, Result b) {
        assertThat(a.loss()).isCloseTo(b.loss(), within(1e-10));
        for (int i = 0; i < b.gradients().size(); i++) {
            assertThat(a.gradients().get(i)).containsExactly(b.gradients().get(i), within(1e-10));
        }
    }

    @Test
    void readersOfTheBasesPrefixLearnWhatTheMaskLearns() {
        Result mask = backward(Parts.of(adapter), Memory.KEEP);
        assertEqual(backward(reading(Reader.BASE_PREFIX), Memory.KEEP), mask);
        Result open = backward(Parts.of(adapter.with(Gate.OPEN)), Memory.KEEP);
        assertEqual(backward(reading(Reader.ADAPTED), Memory.KEEP), open);
        assertThat(Math.abs(open.loss() - mask.loss())).isGreaterThan(1e-3);
    }

    @Test
    void gradientsAreThoseOfFiniteDifferences() {
        Readers both = Readers.fromLayer(1, Reader.BOTH, Reader.BASE_KEYS);
        List<Parts> arms = List.of(
                Parts.of(adapter, TwinReaders.of(decoder, both, GATE, -0.5, -0.9)),
                reading(Reader.DIRECT),
                reading(Reader.BASE_EVERYWHERE),
                Parts.of(adapter, new LateFusion(0.3)));
        for (Parts parts : arms) {
            Result exact = backward(parts, Memory.KEEP);
            List<Tensor> tensors = List.copyOf(parts.tensors().values());
            // Neither the first factor nor the last tensor, a bias where there is one, is a special case.
            for (int number : new int[] {0, 1, tensors.size() / 2, tensors.size() - 1}) {
                double[] gradient = exact.gradients().get(number);
                int place = gradient.length / 3;
                double difference =
                        (loss(parts, tensors.get(number), place, 1e-5) - loss(parts, tensors.get(number), place, -1e-5))
                                / 2e-5;
                assertThat(gradient[place])
                        .as("%s, tensor %d", parts.list().get(1), number)
                        .isCloseTo(difference, within(1e-7 + 1e-6 * Math.abs(difference)));
            }
            assertThat(exact.gradients().stream()
                            .flatMapToDouble(Arrays::stream)
                            .map(Math::abs)
                            .max()
                            .orElse(0))
                    .isGreaterThan(1e-3);
        }
    }

    /** The loss where one value is a little more. */
    private double loss(Parts parts, Tensor which, int place, double more) {
        Function<Tensor, Tensor> moved = tensor -> {
            double[] values = tensor.toDoubles();
            values[place] += more;
            return Tensor.of(values, tensor.shape());
        };
        @SuppressWarnings("ReferenceEquality") // this tensor and no equal one
        Parts other = parts.mapTensors(tensor -> tensor == which ? moved.apply(tensor) : tensor);
        return backward(other, Memory.KEEP).loss();
    }

    @Test
    void recomputedGradientsAreTheSame() {
        Parts parts = Parts.of(
                adapter, TwinReaders.of(decoder, Readers.all(Reader.BOTH), GATE, Math.log(0.5), Math.log(0.5)));
        Result kept = backward(parts, Memory.KEEP);
        Result again = backward(parts, Memory.RECOMPUTE);
        assertEqual(again, kept);
        double[] biases = kept.gradients().get(kept.gradients().size() - 1);
        assertThat(Arrays.stream(biases).map(Math::abs).max().orElse(0)).isGreaterThan(1e-4);
    }

    @Test
    void aTrainerMovesTheBiasesToo() {
        Parts start = Parts.of(
                adapter, TwinReaders.of(decoder, Readers.all(Reader.BOTH), GATE, Math.log(0.5), Math.log(0.5)));
        Units units = new Units(examples(), Batch.rows(2), 1000, 1, Example::inputs);
        TrainingOptions options = new TrainingOptions(10, 1e-2, 1, 0, AdamW.DEFAULT, 1, 0, 0, 0, 0, 0, Memory.KEEP);
        try (Parameters parameters = Parameters.of(start);
                Workers workers = Workers.of(1);
                Trainer trainer = new Trainer(decoder, parameters, options, workers)) {
            double before = new Evaluation(decoder, workers)
                    .of(Units.all(examples(), 1000), parameters)
                    .loss();
            trainer.fit(units, List.of(), new TrainingListener() {});
            double after = new Evaluation(decoder, workers)
                    .of(Units.all(examples(), 1000), parameters)
                    .loss();
            assertThat(after).isLessThan(before);
            List<Tensor> tensors = List.copyOf(parameters.parts().tensors().values());
            assertThat(tensors.get(tensors.size() - 1).toDoubles()).doesNotContain((double) (float) Math.log(0.5));
        }
    }

    @Test
    void dropoutBetweenTwoSidesIsRefused() {
        TrainingOptions options = new TrainingOptions(1, 1e-2, 1, 0, AdamW.DEFAULT, 1, 0.1, 0, 0, 0, 0, Memory.KEEP);
        try (Parameters parameters = Parameters.of(reading(Reader.BASE_KEYS));
                Workers workers = Workers.of(1)) {
            assertThatThrownBy(() -> {
                        try (Trainer trainer = new Trainer(decoder, parameters, options, workers)) {
                            trainer.fit(
                                    new Units(examples(), Batch.rows(2), 1000, 1, Example::inputs),
                                    List.of(),
                                    new TrainingListener() {});
                        }
                    })
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("dropout");
        }
    }
}
