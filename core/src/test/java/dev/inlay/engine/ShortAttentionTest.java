package dev.inlay.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ShortAttentionTest {
    private static Tensor drawn(long seed, long... shape) {
        return Tensor.normal(1, seed, DType.FLOAT64, shape);
    }

    /** By products and sums of whole tables. */
    @Test
    void itIsTheFormulaInEachSequence() {
        try (Scope scope = Scope.open()) {
            Tensor q = drawn(1, 5, 2, 7);
            Tensor k = drawn(2, 5, 4, 7);
            Tensor v = drawn(3, 5, 4, 7);
            Tensor scores =
                    q.reshape(5, 2, 1, 7).times(k.reshape(5, 1, 4, 7)).sum(0).times(0.6);
            Tensor weights = scores.permute(0, 1, 3, 2).softmax().permute(0, 1, 3, 2);
            double[] expected =
                    weights.times(v.reshape(5, 1, 4, 7)).sum(2).contiguous().toDoubles();
            double[] actual = ShortAttention.apply(q, k, v, 0.6).toDoubles();
            assertThat(actual).containsExactly(expected, within(1e-14));
            double[] narrow = ShortAttention.apply(q.to(DType.FLOAT32), k.to(DType.FLOAT32), v.to(DType.FLOAT32), 0.6)
                    .toDoubles();
            assertThat(narrow).containsExactly(expected, within(1e-5));
        }
    }

    @Test
    void largeScoresStayFinite() {
        try (Scope scope = Scope.open()) {
            Tensor q = Tensor.full(100, DType.FLOAT32, Device.CPU, 4, 1, 3);
            Tensor k = drawn(2, 4, 2, 3).to(DType.FLOAT32).times(100);
            assertThat(ShortAttention.apply(q, k, k, 1).isFinite()).isTrue();
        }
    }

    @Test
    void mixedTypesAreRefused() {
        try (Scope scope = Scope.open()) {
            Tensor q = drawn(1, 2, 2, 2);
            assertThatThrownBy(() -> ShortAttention.apply(q, q.to(DType.FLOAT32), q, 1))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("FLOAT32");
        }
    }
}
