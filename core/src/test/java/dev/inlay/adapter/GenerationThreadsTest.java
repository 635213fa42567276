package dev.inlay.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Activation;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.Stream;
import dev.inlay.model.generation.Generated;
import dev.inlay.model.generation.GenerationListener;
import dev.inlay.model.generation.GenerationOptions;
import dev.inlay.model.generation.Generator;
import dev.inlay.model.generation.Prompt;
import dev.inlay.model.generation.Sampling;
import dev.inlay.model.generation.Stops;
import dev.inlay.testing.Golden;
import dev.inlay.testing.RandomAdapter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows of one request on several threads, in float32: bits are compared. */
class GenerationThreadsTest {
    private static final int VOCABULARY = 96;
    private static final List<Sampling> SAMPLINGS = List.of(
            Sampling.greedy(), Sampling.of(1.2, 21).withTopK(40).withTopP(0.95).withRepetitionPenalty(1.2));

    private Scope scope;
    private Decoder decoder;
    private List<List<Intervention>> lists;

    @BeforeEach
    void open() {
        scope = Scope.open();
        decoder = Decoder.load(Golden.path("llama-gqa-untied/model"), Device.CPU);
        Adapter a = RandomAdapter.of(decoder, 1).mapTensors(factor -> factor.to(DType.FLOAT32));
        Adapter b = RandomAdapter.of(decoder, 2).mapTensors(factor -> factor.to(DType.FLOAT32));
        lists = List.of(List.of(a), List.of(), List.of(b), List.of(a), List.of(b, a.times(0.5)), List.of());
    }

    @AfterEach
    void close() {
        decoder.close();
        scope.close();
    }

    /** Notes every bit of what the head reads. */
    private record Bits(Queue<Integer> all) implements Intervention {
        Bits() {
            this(new ConcurrentLinkedQueue<>());
        }

        @Override
        public Set<Stream> streams() {
            return Set.of(Stream.FINAL_NORM);
        }

        @Override
        public Tensor at(Activation where, Tensor value, Pass pass) {
            all.add(Arrays.hashCode(value.toFloats()));
            return value;
        }

        List<Integer> sorted() {
            return all.stream().sorted().toList();
        }
    }

    /** Rows of these lengths that begin with the same tokens. */
    private static List<int[]> rows(int common, int... lengths) {
        int[] beginning = new Random(5).ints(common, 3, VOCABULARY).toArray();
        Random random = new Random(77);
        return Arrays.stream(lengths)
                .mapToObj(length -> IntStream.concat(Arrays.stream(beginning), random.ints(length, 3, VOCABULARY))
                        .toArray())
                .toList();
    }

    private List<Generated> generated(
            List<int[]> rows, List<List<Intervention>> adapters, GenerationOptions options, Bits bits) {
        List<Prompt> prompts = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            List<Intervention> own = new ArrayList<>(adapters.get(row));
            own.add(bits);
            prompts.add(new Prompt(rows.get(row), own));
        }
        return Generator.ofTokens(decoder, List.of())
                .generateEach(prompts, options, GenerationListener.NONE)
                .rows();
    }

    private void assertEqualForAnyNumberOfThreads(
            List<int[]> rows, List<List<Intervention>> adapters, GenerationOptions options) {
        Bits alone = new Bits();
        List<Generated> expected = generated(rows, adapters, options.withThreads(1), alone);
        for (int threads : new int[] {2, 5}) {
            Bits shared = new Bits();
            assertThat(generated(rows, adapters, options.withThreads(threads), shared))
                    .isEqualTo(expected);
            assertThat(shared.sorted()).isEqualTo(alone.sorted());
        }
    }

    private static GenerationOptions options(Sampling sampling) {
        return GenerationOptions.of(sampling, Stops.none().plus(40, 41, 42, 43), 20);
    }

    @Test
    void numberOfThreadsChangesNoBit() {
        List<int[]> rows = rows(0, 1, 30, 7, 2, 13, 5);
        List<List<Intervention>> none =
                rows.stream().map(row -> List.<Intervention>of()).toList();
        for (Sampling sampling : SAMPLINGS) {
            for (int atOnce : new int[] {1, 2, 3, 16}) {
                GenerationOptions options = options(sampling).withRowsAtOnce(atOnce);
                assertEqualForAnyNumberOfThreads(rows, none, options);
                assertEqualForAnyNumberOfThreads(rows, lists, options);
            }
        }
    }

    /** The beginning of all rows is read once, and rows of all threads go on from it. */
    @Test
    void numberOfThreadsChangesNoBitBehindACommonBeginning() {
        List<int[]> rows = rows(60, 1, 30, 7, 2, 13, 5);
        for (Sampling sampling : SAMPLINGS) {
            Generator bare = Generator.ofTokens(decoder, List.of());
            GenerationOptions alone = options(sampling).withThreads(1);
            List<Generated> expected =
                    bare.generate(rows, alone, GenerationListener.NONE).rows();
            for (int repeat = 0; repeat < 5; repeat++) {
                assertThat(bare.generate(rows, alone.withThreads(2), GenerationListener.NONE))
                        .satisfies(report -> assertThat(report.rows()).isEqualTo(expected))
                        .satisfies(report -> assertThat(report.reusedTokens()).isEqualTo(60L * 5));
            }
        }
    }

    /** Each half waits for the other to begin, which on one thread it never would. */
    @Test
    void halvesOfTheRowsGrowAtOnceAndNoMoreRowsThanAskedFor() {
        CountDownLatch begun = new CountDownLatch(2);
        Map<Thread, Integer> rowsOf = new ConcurrentHashMap<>();
        Intervention meeting = new Intervention() {
            @Override
            public Set<Stream> streams() {
                return Set.of(Stream.FINAL_NORM);
            }

            @Override
            public Tensor at(Activation where, Tensor value, Pass pass) {
                if (rowsOf.put(Thread.currentThread(), pass.whole().rows().count()) == null) {
                    begun.countDown();
                    try {
                        assertThat(begun.await(2, TimeUnit.MINUTES)).isTrue();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                }
                return value;
            }
        };
        GenerationOptions options = GenerationOptions.of(Sampling.greedy(), Stops.none(), 3)
                .withRowsAtOnce(4)
                .withThreads(8);
        Generator.ofTokens(decoder, List.of(meeting)).generate(rows(0, 4, 5, 6, 7), options, GenerationListener.NONE);
        assertThat(rowsOf.values()).containsExactly(2, 2);
    }

    @Test
    void failureOfOneRowIsThatOfTheRequest() {
        GenerationListener failing = new GenerationListener() {
            @Override
            public void text(int row, String piece) {}

            @Override
            public void finished(int row, Generated result) {
                InlayException.require(row != 5, "row %d is not wanted", row);
            }
        };
        Generator generator = Generator.ofTokens(decoder, List.of());
        GenerationOptions options = options(Sampling.greedy()).withThreads(2);
        assertThatThrownBy(() -> generator.generate(rows(0, 1, 30, 7, 2, 13, 5), options, failing))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("row 5");
    }
}
