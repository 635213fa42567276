package dev.inlay.app.experiments.modular;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.dynamics.Mersenne;
import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ForwardTest {
    private static final int MODULUS = 5;
    private static final int[] CODES = {0, 3, 7, 13, 18, 24, 26, 33, 40, 47};

    /** Central differences along drawn directions against the tape. */
    private static void assertGradient(Sizes sizes, Tensor values, Function<Tensor, Weights> weights) {
        Examples examples = Examples.of(MODULUS, CODES);
        Forward forward = new Forward(sizes);
        Tensor leaf = values.asLeaf();
        Forward.loss(forward.logits(weights.apply(leaf), examples), examples).backward();
        Tensor gradient = leaf.gradient();
        assertThat(gradient).isNotNull();
        double h = 1e-5;
        Mersenne random = new Mersenne(7);
        for (int trial = 0; trial < 20; trial++) {
            Tensor direction = Tensor.of(random.normal((int) values.count()), values.count());
            double above = Forward.loss(
                            forward.logits(weights.apply(values.plus(direction.times(h))), examples), examples)
                    .item();
            double below = Forward.loss(
                            forward.logits(weights.apply(values.plus(direction.times(-h))), examples), examples)
                    .item();
            double along = gradient.times(direction).sum().item();
            assertThat((above - below) / (2 * h))
                    .isCloseTo(along, within(1e-6 * Math.max(Math.abs(along), gradient.norm())));
        }
    }

    @ParameterizedTest
    @EnumSource(Base.class)
    void gradientsAreThoseOfFiniteDifferences(Base base) {
        try (Scope scope = Scope.open()) {
            Sizes sizes = new Sizes(MODULUS, 8, 3, base);
            assertGradient(sizes, Weights.drawn(sizes, 1, DType.FLOAT64), values -> Weights.of(sizes, values));
        }
    }

    @Test
    void gradientsOfChangesAreThoseOfFiniteDifferences() {
        try (Scope scope = Scope.open()) {
            Sizes sizes = new Sizes(MODULUS, 8, 3, Base.UNTIED);
            Weights base = Weights.of(sizes, Weights.drawn(sizes, 1, DType.FLOAT64));
            for (Tuning tuning : List.of(
                    new LowRankTuning(base, List.of(Projection.VALUE), 2, .5, List.of()),
                    LowRankTuning.orthogonal(base, List.of(Projection.QUERY, Projection.KEY), 2, .5),
                    new MapTuning(base, List.of(Projection.VALUE)))) {
                // Away from the start, where half of the gradient is zero.
                Tensor start = tuning.start(2);
                Tensor values = start.plus(Tensor.normal(.3, 5, DType.FLOAT64, start.count()));
                assertGradient(sizes, values, tuning::tuned);
            }
        }
    }

    @Test
    void theShortLastBlockIsTheWholeOne() {
        try (Scope scope = Scope.open()) {
            Sizes sizes = new Sizes(MODULUS, 8, 3, Base.TIED);
            Weights weights = Weights.of(sizes, Weights.drawn(sizes, 1, DType.FLOAT64));
            Examples examples = Examples.of(MODULUS, CODES);
            Forward forward = new Forward(sizes);
            List<Tensor> states = forward.states(weights, examples);
            Tensor last = states.get(3).narrow(1, 3, 1).reshape(8, CODES.length);
            double[] expected =
                    last.transposed().matmul(weights.unembedding().transposed()).toDoubles();
            assertThat(forward.logits(weights, examples).toDoubles()).containsExactly(expected, within(1e-12));
        }
    }

    /** One pair by the formulas, in plain loops. */
    @Test
    void aBlockIsWhatItsFormulaSays() {
        try (Scope scope = Scope.open()) {
            int d = 6;
            Sizes sizes = new Sizes(MODULUS, d, 1, Base.SHORT_STEPS);
            Weights weights = Weights.of(sizes, Weights.drawn(sizes, 4, DType.FLOAT64));
            Examples examples = Examples.of(MODULUS, 2 * MODULUS + 3);
            double[][] x = new double[4][d];
            int[] tokens = {2, MODULUS + 1, 3, MODULUS};
            double[] embedding = weights.embedding().toDoubles();
            double[] positions = weights.positions().contiguous().toDoubles();
            for (int i = 0; i < 4; i++) {
                for (int a = 0; a < d; a++) {
                    x[i][a] = embedding[tokens[i] * d + a] + positions[a * 4 + i];
                }
            }
            Block block = weights.block(0);
            double[] q = times(block.projection(Projection.QUERY), x[3]);
            double[] shares = new double[4];
            double total = 0;
            for (int j = 0; j < 4; j++) {
                double[] k = times(block.projection(Projection.KEY), x[j]);
                double score = 0;
                for (int a = 0; a < d; a++) {
                    score += q[a] * k[a] / Math.sqrt(d);
                }
                shares[j] = Math.exp(score);
                total += shares[j];
            }
            double[] mixed = new double[d];
            for (int j = 0; j < 4; j++) {
                double[] v = times(block.projection(Projection.VALUE), x[j]);
                for (int a = 0; a < d; a++) {
                    mixed[a] += shares[j] / total * v[a];
                }
            }
            double[] out = times(block.out(), mixed);
            double[] bias = block.bias().toDoubles();
            double[] y = new double[d];
            for (int a = 0; a < d; a++) {
                y[a] = x[3][a] + out[a] + bias[a];
            }
            double[] expected = times(weights.unembedding(), y);
            assertThat(new Forward(sizes).logits(weights, examples).toDoubles())
                    .containsExactly(expected, within(1e-12));
            assertThat(examples.results()).containsExactly(0);
        }
    }

    private static double[] times(Tensor matrix, double[] x) {
        double[] values = matrix.contiguous().toDoubles();
        double[] y = new double[(int) matrix.size(0)];
        for (int i = 0; i < y.length; i++) {
            for (int k = 0; k < x.length; k++) {
                y[i] += values[i * x.length + k] * x[k];
            }
        }
        return y;
    }

    @Test
    void operationsAreTokensOfTheirOwn() {
        try (Scope scope = Scope.open()) {
            // 2 + 3 and 2 - 3.
            Examples examples = Examples.of(7, 17, 49 + 17);
            assertThat(examples.results()).containsExactly(5, 6);
            assertThat(examples.tokens().toLongs()).containsExactly(2, 2, 8, 9, 3, 3, 7, 7);
        }
    }
}
