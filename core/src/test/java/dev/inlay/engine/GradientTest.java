package dev.inlay.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.testing.Golden;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every recorded operation against central differences in float64. */
class GradientTest {
    private static final double STEP = 1e-5;

    static Stream<Arguments> operations() {
        return Stream.of(
                operation("plus broadcast", in -> in.get(0).plus(in.get(1)), s(3, 4), s(1, 4)),
                operation("minus", in -> in.get(0).minus(in.get(1)), s(3, 4), s(3, 4)),
                operation("times broadcast", in -> in.get(0).times(in.get(1)), s(3, 4), s(3, 1)),
                operation("times itself", in -> in.get(0).times(in.get(0)), s(5)),
                operation("times number", in -> in.get(0).times(-2.5), s(5)),
                operation("matmul", in -> in.get(0).matmul(in.get(1)), s(2, 3, 4), s(2, 4, 5)),
                operation("matmul broadcast", in -> in.get(0).matmul(in.get(1)), s(2, 3, 4), s(4, 5)),
                operation("sum of one dimension", in -> in.get(0).sum(0), s(3, 4)),
                operation("exp", in -> in.get(0).exp(), s(4)),
                operation("log", in -> in.get(0).times(in.get(0)).plus(one()).log(), s(4)),
                operation("tanh", in -> in.get(0).tanh(), s(4)),
                operation("softmax", in -> in.get(0).softmax(), s(3, 5)),
                operation("reshape", in -> in.get(0).reshape(2, 6), s(3, 4)),
                operation("permute", in -> in.get(0).permute(2, 0, 1), s(2, 3, 4)),
                operation("expand", in -> in.get(0).expand(3, 4), s(3, 1)),
                operation("contiguous", in -> in.get(0).transposed().contiguous(), s(3, 4)),
                operation(
                        "two overlapping slices",
                        in -> in.get(0).narrow(1, 0, 3).plus(in.get(0).narrow(1, 2, 3)),
                        s(2, 5)),
                operation("repeated rows", in -> in.get(0).rows(Tensor.of(new int[] {2, 0, 2})), s(3, 4)),
                operation("concat", in -> Tensor.concat(1, List.of(in.get(0), in.get(1), in.get(0))), s(2, 3), s(2, 1)),
                operation("linear", in -> Linear.apply(in.get(0), in.get(1), in.get(2)), s(3, 4), s(5, 4), s(5)),
                operation("linear, wide out", in -> Linear.apply(in.get(0), in.get(1), null), s(3, 6), s(2, 6)),
                operation(
                        "linear, one row, transposed weight",
                        in -> Linear.apply(in.get(0), in.get(1).transposed(), null),
                        s(1, 4),
                        s(4, 5)),
                operation("linear onto", in -> Linear.onto(in.get(0), in.get(1), in.get(2)), s(3, 5), s(3, 4), s(5, 4)),
                operation("rms norm", in -> Norms.rms(in.get(0), in.get(1), 1e-3), s(3, 4), s(4)),
                operation("layer norm", in -> Norms.layer(in.get(0), in.get(1), in.get(2), 1e-3), s(3, 4), s(4), s(4)),
                operation(
                        "short attention",
                        in -> ShortAttention.apply(in.get(0), in.get(1), in.get(2), 0.6),
                        s(3, 2, 5),
                        s(3, 4, 5),
                        s(3, 4, 5)),
                operation("silu", in -> Activations.silu(in.get(0)), s(6)),
                operation("silu gate", in -> Activations.siluGate(in.get(0), in.get(1)), s(2, 6), s(2, 6)),
                operation("gelu", in -> Activations.gelu(in.get(0)), s(6)),
                operation("gelu tanh", in -> Activations.geluTanh(in.get(0)), s(6)),
                operation("relu", in -> Activations.relu(in.get(0)), s(6)),
                operation("soft cap", in -> Activations.softCap(in.get(0), 0.7), s(6)),
                operation("rotation of a part", in -> rotation(3, 4).apply(in.get(0)), s(3, 2, 6)),
                operation("rotation", in -> rotation(3, 4).apply(in.get(0)), s(3, 2, 4)),
                operation("dropout", in -> Dropout.apply(in.get(0), 0.4, 7), s(4, 5)),
                operation(
                        "cross entropy", in -> CrossEntropy.perRow(in.get(0), Tensor.of(new int[] {1, 4, 0})), s(3, 5)),
                operation("attention causal", attention(4, 4, 4), s(4, 4, 3), s(4, 2, 3), s(4, 2, 3)),
                operation("attention with past", attention(2, 5, 5), s(2, 4, 3), s(5, 2, 3), s(5, 2, 3)),
                operation("attention, one query", attention(1, 5, 5), s(1, 4, 3), s(5, 2, 3), s(5, 2, 3)),
                operation("attention with window", attention(5, 5, 2), s(5, 2, 3), s(5, 1, 3), s(5, 1, 3)),
                operation("attention with cap", capped(4, 4, 4), s(4, 4, 3), s(4, 2, 3), s(4, 2, 3)),
                operation("attention with cap and window", capped(3, 5, 2), s(3, 4, 3), s(5, 2, 3), s(5, 2, 3)),
                operation(
                        "attention by its table",
                        in -> Attention.mix(
                                Attention.scores(in.get(0), in.get(1), Attention.Scoring.scaled(0.5), visible(2, 5, 5))
                                        .softmax(),
                                in.get(2)),
                        s(2, 4, 3),
                        s(5, 2, 3),
                        s(5, 2, 3)),
                operation(
                        "recomputation",
                        in -> Recomputation.of(x -> x.times(in.get(1)).tanh().plus(x), in.get(0), List.of()),
                        s(3, 2),
                        s(3, 2)),
                operation(
                        "recomputation of an input that needs no gradient",
                        in -> Recomputation.of(
                                x -> x.times(in.get(0)).tanh(), Tensor.of(new double[] {1, 2}, 1, 2), List.of()),
                        s(1, 2)));
    }

    private static Function<List<Tensor>, Tensor> attention(long queries, long keys, long window) {
        return in -> Attention.apply(
                in.get(0), in.get(1), in.get(2), Attention.Scoring.scaled(0.5), visible(queries, keys, window));
    }

    private static Function<List<Tensor>, Tensor> capped(long queries, long keys, long window) {
        Attention.Scoring scoring = new Attention.Scoring(0.5, 0.8);
        return in -> Attention.apply(in.get(0), in.get(1), in.get(2), scoring, visible(queries, keys, window));
    }

    private static Visibility visible(long queries, long keys, long window) {
        return Visibility.causal(queries, keys, window, 2, DType.FLOAT64, Device.CPU);
    }

    private static Tensor one() {
        return Tensor.full(1, DType.FLOAT64, Device.CPU, 1);
    }

    private static Rotation rotation(int tokens, int width) {
        double[] cosine = new double[tokens * width];
        double[] sine = new double[tokens * width];
        for (int t = 0; t < tokens; t++) {
            for (int i = 0; i < width; i++) {
                double angle = (t + 1) * (0.3 + i % (width / 2));
                cosine[t * width + i] = Math.cos(angle);
                sine[t * width + i] = (i < width / 2 ? -1 : 1) * Math.sin(angle);
            }
        }
        return new Rotation(Tensor.of(cosine, tokens, 1, width), Tensor.of(sine, tokens, 1, width));
    }

    private static long[] s(long... shape) {
        return shape;
    }

    private static Arguments operation(String name, Function<List<Tensor>, Tensor> body, long[]... shapes) {
        return Arguments.of(name, body, shapes);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("operations")
    void gradientEqualsCentralDifferences(String name, Function<List<Tensor>, Tensor> body, long[][] shapes) {
        try (Scope scope = Scope.open()) {
            List<Tensor> inputs = new ArrayList<>();
            for (int i = 0; i < shapes.length; i++) {
                inputs.add(Tensor.normal(1, 11 + i, DType.FLOAT64, shapes[i]));
            }
            List<Tensor> leaves = inputs.stream().map(Tensor::asLeaf).toList();
            Tensor y;
            try (Scope inner = Scope.open()) { // What the gradient needs must survive the scope it was made in.
                y = inner.keep(body.apply(leaves));
            }
            Tensor seed = Tensor.normal(1, 99, DType.FLOAT64, y.shape());
            y.backward(seed);
            for (int i = 0; i < inputs.size(); i++) {
                Tensor gradient = leaves.get(i).gradient();
                assertThat(gradient).as("gradient of input %d", i).isNotNull();
                assertThat(gradient.shape()).isEqualTo(shapes[i]);
                double[] expected = differences(body, inputs, i, seed);
                double[] actual = gradient.toDoubles();
                for (int j = 0; j < expected.length; j++) {
                    assertThat(actual[j])
                            .as("input %d element %d", i, j)
                            .isCloseTo(
                                    expected[j],
                                    org.assertj.core.data.Offset.offset(2e-8 + 1e-6 * Math.abs(expected[j])));
                }
            }
        }
    }

    private static double[] differences(
            Function<List<Tensor>, Tensor> body, List<Tensor> inputs, int which, Tensor seed) {
        double[] values = inputs.get(which).toDoubles();
        double[] result = new double[values.length];
        for (int j = 0; j < values.length; j++) {
            result[j] = (shifted(body, inputs, which, j, STEP, seed) - shifted(body, inputs, which, j, -STEP, seed))
                    / (2 * STEP);
        }
        return result;
    }

    private static double shifted(
            Function<List<Tensor>, Tensor> body, List<Tensor> inputs, int which, int element, double by, Tensor seed) {
        try (Scope scope = Scope.open()) {
            double[] values = inputs.get(which).toDoubles();
            values[element] += by;
            List<Tensor> moved = new ArrayList<>(inputs);
            moved.set(which, Tensor.of(values, inputs.get(which).shape()));
            return body.apply(moved).times(seed).sum().item();
        }
    }

    @Test
    void largeFloat32ProductsEqualFloat64OnesWithinRounding() {
        try (Scope scope = Scope.open()) {
            Tensor x = Tensor.normal(1, 1, DType.FLOAT64, 96, 128);
            Tensor w = Tensor.normal(1, 2, DType.FLOAT64, 160, 128);
            Tensor x32 = x.to(DType.FLOAT32).asLeaf();
            Tensor w32 = w.to(DType.FLOAT32).asLeaf();
            Tensor x64 = x.asLeaf();
            Tensor w64 = w.asLeaf();
            Tensor base = Tensor.normal(1, 3, DType.FLOAT64, 96, 160);
            Tensor y32 = Linear.onto(Linear.apply(x32, w32, null).plus(base.to(DType.FLOAT32)), x32, w32);
            Tensor y64 = Linear.onto(Linear.apply(x64, w64, null).plus(base), x64, w64);
            y32.sum().backward();
            y64.sum().backward();
            assertThat(y32.to(DType.FLOAT64).minus(y64).maxAbs()).isLessThan(1e-4);
            assertThat(x32.gradient().to(DType.FLOAT64).minus(x64.gradient()).maxAbs())
                    .isLessThan(1e-4);
            assertThat(w32.gradient().to(DType.FLOAT64).minus(w64.gradient()).maxAbs())
                    .isLessThan(1e-4);
        }
    }

    /** Rows long enough for several blocks of queries, against the whole table in float64. */
    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 300, 300, 300, Infinity, 2e-5",
        "FLOAT32, 700, 700, 700, Infinity, 2e-5",
        "FLOAT32, 70, 400, 400, Infinity, 2e-5",
        "FLOAT32, 300, 400, 50, Infinity, 2e-5",
        "BFLOAT16, 300, 300, 300, Infinity, 5e-2",
        "BFLOAT16, 1, 90, 90, Infinity, 5e-2",
        "BFLOAT16, 700, 700, 90, Infinity, 5e-2",
        "FLOAT32, 20, 20, 20, 0.9, 2e-5",
        "FLOAT32, 20, 30, 7, 0.9, 2e-5",
        "FLOAT32, 300, 300, 300, 0.9, 2e-5",
        "FLOAT32, 700, 700, 700, 0.9, 2e-5",
        "FLOAT32, 300, 400, 50, 0.9, 2e-5",
        "BFLOAT16, 300, 300, 90, 0.9, 5e-2"
    })
    void attentionByBlocksEqualsTheWholeTable(
            DType type, long queries, long keys, long window, double cap, double tolerance) {
        Attention.Scoring scoring = new Attention.Scoring(0.25, cap);
        try (Scope scope = Scope.open()) {
            List<Tensor> exact = new ArrayList<>();
            List<Tensor> rounded = new ArrayList<>();
            long[][] shapes = {{queries, 4, 16}, {keys, 2, 16}, {keys, 2, 16}};
            for (int i = 0; i < 3; i++) {
                Tensor values = Tensor.normal(1, i, DType.FLOAT64, shapes[i]).to(type);
                rounded.add(values.asLeaf());
                exact.add(values.to(DType.FLOAT64).asLeaf());
            }
            Visibility blocks = Visibility.causal(queries, keys, window, 2, type, Device.CPU);
            Visibility whole = Visibility.causal(queries, keys, window, 2, DType.FLOAT64, Device.CPU);
            Tensor y = Attention.apply(rounded.get(0), rounded.get(1), rounded.get(2), scoring, blocks);
            Tensor expected = Attention.mix(
                    Attention.scores(exact.get(0), exact.get(1), scoring, whole).softmax(), exact.get(2));
            Tensor seed = Tensor.normal(1, 9, DType.FLOAT64, y.shape());
            y.backward(seed.to(type));
            expected.backward(seed.to(type).to(DType.FLOAT64));
            assertThat(Golden.difference(expected, y)).isLessThan(tolerance);
            for (int i = 0; i < 3; i++) {
                double size = Math.max(1, exact.get(i).gradient().maxAbs());
                assertThat(Golden.difference(
                                exact.get(i).gradient(), rounded.get(i).gradient()))
                        .as("gradient %d", i)
                        .isLessThan(tolerance * size);
            }
        }
    }

    /** Gemma's and OLMo's norms multiply by a weight in float32 and round once: half a unit in the last place, no more. */
    @ParameterizedTest
    @CsvSource({"BFLOAT16, 0.00390625", "FLOAT16, 0.00048828125"})
    void aWeightThatIsWiderThanItsInputIsRoundedOnce(DType type, double unit) {
        try (Scope scope = Scope.open()) {
            Tensor x = Tensor.normal(1, 1, DType.FLOAT64, 40, 24).to(type);
            Tensor weight = Tensor.normal(1, 2, DType.FLOAT32, 24);
            Tensor exact = Norms.rms(x.to(DType.FLOAT64), weight.to(DType.FLOAT64), 1e-6);
            Tensor once = Norms.rms(x, weight, 1e-6);
            Tensor twice = Norms.rms(x, weight.to(type), 1e-6);
            assertThat(relative(exact, once)).isLessThan(1.001 * unit);
            assertThat(relative(exact, twice)).isGreaterThan(1.001 * unit);
            Tensor leaf = x.asLeaf();
            Norms.rms(leaf, weight, 1e-6).sum().backward();
            assertThat(leaf.gradient().dtype()).isEqualTo(type);
        }
    }

    private static double relative(Tensor exact, Tensor rounded) {
        return rounded.to(DType.FLOAT64).minus(exact).dividedBy(exact).maxAbs();
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.POSITIVE_INFINITY, 0.8})
    void frozenKeysTakeNoGradientAndChangeNoOther(double cap) {
        Attention.Scoring scoring = new Attention.Scoring(0.5, cap);
        long frozen = 70;
        List<double[]> all = attentionGradients(scoring, 0);
        List<double[]> some = attentionGradients(scoring, frozen);
        int own = (int) frozen * 2 * 4;
        assertThat(some.get(0)).isEqualTo(all.get(0));
        for (int input = 1; input < 3; input++) {
            double[] gradient = some.get(input);
            assertThat(Arrays.copyOf(gradient, own)).containsOnly(0);
            assertThat(Arrays.copyOfRange(gradient, own, gradient.length))
                    .containsExactly(Arrays.copyOfRange(all.get(input), own, gradient.length), within(1e-5));
            assertThat(Arrays.copyOf(all.get(input), own)).doesNotContain(0);
        }
    }

    /** Of queries, keys and values, in float32 by table: 60 queries in a window of 100 over 130 keys. */
    private static List<double[]> attentionGradients(Attention.Scoring scoring, long frozen) {
        try (Scope scope = Scope.open()) {
            Tensor q = Tensor.normal(1, 1, DType.FLOAT32, 60, 4, 4).asLeaf();
            Tensor k = Tensor.normal(1, 2, DType.FLOAT32, 130, 2, 4).asLeaf();
            Tensor v = Tensor.normal(1, 3, DType.FLOAT32, 130, 2, 4).asLeaf();
            Visibility visibility = Visibility.causal(60, 130, 100, 2, DType.FLOAT32, Device.CPU);
            Attention.apply(q, k, v, scoring, visibility, frozen)
                    .backward(Tensor.normal(1, 4, DType.FLOAT32, 60, 4, 4));
            return List.of(q, k, v).stream()
                    .map(leaf -> Objects.requireNonNull(leaf.gradient()).toDoubles())
                    .toList();
        }
    }

    @Test
    void aFrozenPathGetsNoGradientAndBackwardTwiceIsRefused() {
        try (Scope scope = Scope.open()) {
            Tensor frozen = Tensor.of(new double[] {1, 2}, 2);
            Tensor leaf = Tensor.of(new double[] {3, 4}, 2).asLeaf();
            Tensor y = frozen.times(leaf).sum();
            assertThat(frozen.times(2).isTracked()).isFalse();
            y.backward();
            assertThat(leaf.gradient().toDoubles()).containsExactly(1, 2);
            assertThatThrownBy(y::backward).isInstanceOf(EngineException.class).hasMessageContaining("twice");
        }
    }

    @Test
    void gradientsOfSeveralBackwardPassesAddUp() {
        try (Scope scope = Scope.open()) {
            Tensor leaf = Tensor.of(new double[] {3, 4}, 2).asLeaf();
            leaf.times(2).sum().backward();
            leaf.times(5).sum().backward();
            assertThat(leaf.gradient().toDoubles()).containsExactly(7, 7);
        }
    }
}
