package dev.inlay.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScopeTest {
    private static Tensor ones(long... shape) {
        return Tensor.full(1, DType.FLOAT32, Device.CPU, shape);
    }

    @Test
    void everythingMadeInAScopeDiesWithItExceptWhatIsKept() {
        try (Scope outer = Scope.open()) {
            Tensor temporary;
            Tensor kept;
            try (Scope inner = Scope.open()) {
                temporary = ones(2);
                kept = inner.keep(ones(3).times(2));
            }
            assertThat(kept.toFloats()).containsExactly(2, 2, 2);
            assertThatThrownBy(temporary::toFloats)
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("freed with its scope");
        }
    }

    @Test
    void valuesThatAGradientNeedsOutliveTheirScopeUntilItHasRun() {
        try (Scope outer = Scope.open()) {
            Tensor leaf = Tensor.of(new float[] {1, 2}, 2).asLeaf();
            Tensor y;
            Tensor inside;
            try (Scope inner = Scope.open()) {
                inside = leaf.exp();
                y = inner.keep(inside.sum());
            }
            assertThat(inside.toString()).doesNotContain("freed");
            y.backward();
            assertThat(inside.toString()).contains("freed");
            assertThat(leaf.gradient().toFloats()[0])
                    .isCloseTo((float) Math.E, org.assertj.core.data.Offset.offset(1e-6f));
        }
    }

    @Test
    void aGraphThatNobodyCanReachIsFreedWithItsScope() {
        try (Scope outer = Scope.open()) {
            Tensor leaf = ones(2).asLeaf();
            Tensor inside;
            try (Scope inner = Scope.open()) {
                inside = leaf.exp();
            }
            assertThat(inside.toString()).contains("freed");
        }
    }

    @Test
    void withoutAScopeTheErrorSaysWhatToDo() {
        assertThatThrownBy(() -> ones(1)).isInstanceOf(EngineException.class).hasMessageContaining("Scope.open()");
    }

    @Test
    void scopesCloseInReverseOrder() {
        Scope outer = Scope.open();
        Scope inner = Scope.open();
        assertThatThrownBy(outer::close).isInstanceOf(EngineException.class).hasMessageContaining("reverse order");
        inner.close();
        outer.close();
        assertThatThrownBy(() -> ones(1)).isInstanceOf(EngineException.class).hasMessageContaining("no scope");
    }

    @Test
    void aDetachedScopeOwnsAcrossThreads() throws InterruptedException {
        try (Scope weights = Scope.detached()) {
            Tensor weight;
            try (Scope loading = Scope.open()) {
                weight = weights.own(ones(4));
            }
            double[] sum = new double[1];
            Thread reader = new Thread(() -> {
                try (Scope scope = Scope.open()) {
                    sum[0] = weight.sum().item();
                }
            });
            reader.start();
            reader.join();
            assertThat(sum[0]).isEqualTo(4);
        }
    }

    @Test
    void nativeFailuresAreOneLineWithTheirCause() {
        try (Scope scope = Scope.open()) {
            assertThatThrownBy(() -> ones(2, 3).matmul(ones(2, 3)))
                    .isInstanceOf(EngineException.class)
                    .hasMessageNotContaining("\n")
                    .hasMessageNotContaining("Exception raised")
                    .hasCauseInstanceOf(RuntimeException.class);
            assertThatThrownBy(() -> Tensor.empty(DType.FLOAT32, Device.CPU, 1L << 50))
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("memory");
        }
    }

    @Test
    void workersReturnResultsInTaskOrderWithTheSameBitsForAnyNumberOfThreads() {
        try (Scope scope = Scope.open()) {
            double[] expected = null;
            for (int threads : new int[] {1, 2, 4}) {
                try (Workers workers = Workers.of(threads)) {
                    List<List<Tensor>> results = workers.map(
                            9,
                            i -> List.of(Tensor.normal(1, i, DType.FLOAT32, 64, 64)
                                    .softmax()
                                    .sum(0)));
                    double[] all = Tensor.concat(
                                    0, results.stream().map(r -> r.get(0)).toList())
                            .toDoubles();
                    assertThat(all).hasSize(9 * 64);
                    if (expected != null) {
                        assertThat(all).containsExactly(expected);
                    }
                    expected = all;
                }
            }
        }
    }

    @Test
    void theFirstFailureOfWorkersReachesTheCaller() {
        try (Scope scope = Scope.open();
                Workers workers = Workers.of(2)) {
            assertThatThrownBy(() -> workers.map(5, i -> {
                        if (i == 3) {
                            throw InlayException.data("task %d", i);
                        }
                        return List.of(ones(1));
                    }))
                    .isInstanceOf(InlayException.class)
                    .hasMessage("task 3");
        }
    }
}
