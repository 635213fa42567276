package dev.inlay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.engine.Attention.Scoring;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention in parts against attention over all keys at once. */
class PartialAttentionTest {
    private static final long HEADS = 4;
    private static final long KEY_HEADS = 2;
    private static final long WIDTH = 8;

    /** Sizes on both sides of those from which tables are used, and of their blocks. */
    @ParameterizedTest
    @CsvSource({
        "FLOAT64, 3, 20, 1e-13",
        "FLOAT64, 1, 20, 1e-13",
        "FLOAT32, 3, 20, 1e-5",
        "FLOAT32, 80, 100, 1e-5",
        "FLOAT32, 300, 90, 1e-5",
        "BFLOAT16, 5, 40, 0.04",
        "BFLOAT16, 1, 40, 0.04"
    })
    void partsJoinToTheWhole(DType type, long queries, long before, double tolerance) {
        for (double cap : new double[] {Double.POSITIVE_INFINITY, 2}) {
            try (Scope scope = Scope.open()) {
                Scoring scoring = new Scoring(1.5, cap);
                long keys = before + queries;
                Tensor q = random(1, type, queries, HEADS);
                Tensor k = random(2, type, keys, KEY_HEADS);
                Tensor v = random(3, type, keys, KEY_HEADS);
                long group = HEADS / KEY_HEADS;
                Tensor whole = Attention.apply(
                        q, k, v, scoring, Visibility.causal(queries, keys, keys, group, type, Device.CPU));
                long cut = before / 3;
                PartialAttention own = PartialAttention.of(
                        q,
                        k.narrow(0, before, queries),
                        v.narrow(0, before, queries),
                        scoring,
                        Visibility.causal(queries, queries, queries, group, type, Device.CPU));
                Tensor joined = PartialAttention.joined(
                        List.of(part(q, k, v, 0, cut, scoring), part(q, k, v, cut, before, scoring), own));
                assertThat(joined.dtype()).isEqualTo(type);
                assertThat(joined.minus(whole).maxAbs()).isLessThan(tolerance);
            }
        }
    }

    private static PartialAttention part(Tensor q, Tensor k, Tensor v, long from, long to, Scoring scoring) {
        Visibility all = Visibility.whole(q.size(0), to - from, q.dtype(), Device.CPU);
        return PartialAttention.of(q, k.narrow(0, from, to - from), v.narrow(0, from, to - from), scoring, all);
    }

    private static Tensor random(long seed, DType type, long tokens, long heads) {
        return Tensor.normal(1, seed, DType.FLOAT64, tokens, heads, WIDTH).to(type);
    }

    @ParameterizedTest
    @CsvSource({"FLOAT64, 1e-13", "FLOAT32, 1e-5"})
    void queriesThatSeeNothingInAPartAreLeftToTheOthers(DType type, double tolerance) {
        try (Scope scope = Scope.open()) {
            Scoring scoring = Scoring.scaled(1);
            Tensor q = random(1, type, 3, HEADS);
            Tensor k = random(2, type, 9, KEY_HEADS);
            Tensor v = random(3, type, 9, KEY_HEADS);
            Tensor numbers = Tensor.of(new int[] {2, 0});
            PartialAttention some = part(q.rows(numbers), k, v, 0, 4, scoring).among(numbers, 3);
            Tensor joined = PartialAttention.joined(List.of(some, part(q, k, v, 4, 9, scoring)));
            for (int i = 0; i < 3; i++) {
                Tensor one = q.narrow(0, i, 1);
                Tensor expected = part(one, k, v, i == 1 ? 4 : 0, 9, scoring).mix();
                assertThat(joined.narrow(0, i, 1).minus(expected).maxAbs()).isLessThan(tolerance);
            }
        }
    }
}
