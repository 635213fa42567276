package dev.inlay.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompanionTest {
    private static Tensor random(long seed, DType type, long... shape) {
        return Tensor.normal(1, seed, DType.FLOAT32, shape).to(type);
    }

    /** Products of one row by matrices of this shape, with so many threads. */
    private static List<double[]> products(DType type, long out, long in, int threads, int count) {
        List<double[]> results = new ArrayList<>();
        try (Scope scope = Scope.open()) {
            Tensor weight = random(1, type, out, in);
            Companion.with(threads, () -> {
                for (int i = 0; i < count; i++) {
                    try (Scope step = Scope.open()) {
                        results.add(Linear.apply(random(2 + i, type, 1, in), weight, null)
                                .toDoubles());
                    }
                }
            });
        }
        return results;
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 1408, 512",
        "FLOAT32, 9001, 130",
        "FLOAT32, 33000, 512",
        "FLOAT64, 700, 64",
        "BFLOAT16, 1411, 128",
        "BFLOAT16, 32000, 256",
        "FLOAT16, 1411, 128"
    })
    void aCompanionNeverChangesABit(DType type, long out, long in) {
        List<double[]> alone = products(type, out, in, 1, 20);
        List<double[]> together = products(type, out, in, 2, 20);
        for (int i = 0; i < alone.size(); i++) {
            assertThat(together.get(i)).as("product %d", i).containsExactly(alone.get(i));
        }
    }

    @ParameterizedTest
    @CsvSource({"1408, 512", "9001, 130", "33000, 64"})
    void piecesJoinToTheWholeProduct(long out, long in) {
        try (Scope scope = Scope.open()) {
            Tensor x = random(3, DType.FLOAT64, 1, in);
            Tensor weight = random(4, DType.FLOAT64, out, in);
            assertThat(Companion.isShared(weight)).isTrue();
            double[] expected = x.matmul(weight.transposed()).toDoubles();
            assertThat(Linear.apply(x, weight, null).toDoubles()).containsExactly(expected, within(1e-10));
        }
    }

    @Test
    void threadsThatShareTheCompanionGetTheirOwnResults() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(4);
        try {
            List<double[]> expected = products(DType.FLOAT32, 1600, 256, 1, 30);
            List<Future<List<double[]>>> running = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Callable<List<double[]>> job = () -> products(DType.FLOAT32, 1600, 256, 2, 30);
                running.add(executor.submit(job));
            }
            for (Future<List<double[]>> job : running) {
                for (int i = 0; i < expected.size(); i++) {
                    assertThat(job.get().get(i)).containsExactly(expected.get(i));
                }
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private static boolean isCompanion() {
        return Thread.currentThread().getName().equals("inlay-companion");
    }

    /** Whether the latch opened; false after its time limit. */
    private static boolean opened(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    void theCompanionTakesPieces() {
        try (Scope scope = Scope.open()) {
            Tensor x = random(7, DType.FLOAT32, 1, 256);
            Tensor weight = random(8, DType.FLOAT32, 1600, 256);
            CountDownLatch helped = new CountDownLatch(1);
            // It may be on leave after an earlier delay, so it is asked several times.
            for (int i = 0; i < 5_000 && helped.getCount() > 0; i++) {
                Companion.with(
                        2,
                        () -> Companion.product(x, weight, (row, part) -> {
                            if (isCompanion()) {
                                helped.countDown();
                            }
                            return row.matmul(part.transposed());
                        }));
            }
            assertThat(helped.getCount()).isZero();
        }
    }

    @Test
    void aPieceThatDoesNotComeIsComputedByTheCaller() {
        CountDownLatch returned = new CountDownLatch(1);
        AtomicBoolean waited = new AtomicBoolean();
        try (Scope scope = Scope.open()) {
            Tensor x = random(9, DType.FLOAT64, 1, 128);
            Tensor weight = random(10, DType.FLOAT64, 1600, 128);
            double[] expected = x.matmul(weight.transposed()).toDoubles();
            AtomicBoolean taken = new AtomicBoolean();
            List<double[]> found = new ArrayList<>();
            for (int i = 0; i < 5_000 && !taken.get(); i++) {
                Companion.with(
                        2,
                        () -> found.add(Companion.product(x, weight, (row, part) -> {
                                    if (isCompanion()) {
                                        taken.set(true);
                                        waited.set(!opened(returned));
                                    }
                                    return row.matmul(part.transposed());
                                })
                                .toDoubles()));
            }
            assertThat(taken).isTrue();
            assertThat(waited).as("the caller waited for the companion").isFalse();
            assertThat(found.get(found.size() - 1)).containsExactly(expected, within(1e-10));
        } finally {
            returned.countDown();
        }
    }

    @Test
    void aTrackedRowGetsItsGradientThroughASharedProduct() {
        try (Scope scope = Scope.open()) {
            Tensor weight = random(5, DType.FLOAT64, 900, 40);
            Tensor x = random(6, DType.FLOAT64, 1, 40).asLeaf();
            Companion.with(2, () -> Linear.apply(x, weight, null).sum().backward());
            assertThat(x.gradient().toDoubles()).containsExactly(weight.sum(0).toDoubles(), within(1e-10));
        }
    }
}
