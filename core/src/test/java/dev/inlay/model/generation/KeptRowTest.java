package dev.inlay.model.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.engine.Device;
import dev.inlay.model.Decoder;
import dev.inlay.testing.Golden;
import dev.inlay.testing.Seeds;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class KeptRowTest {
    private static final GenerationOptions EIGHT = GenerationOptions.of(Sampling.greedy(), Stops.none(), 8);

    private static Decoder model() {
        return Decoder.load(Golden.path("llama-gqa-untied").resolve("model"), Device.CPU);
    }

    private static int[] row(Random random, int length) {
        return random.ints(length, 3, 96).toArray();
    }

    private static int[] joined(int[] a, int[] b) {
        return IntStream.concat(Arrays.stream(a), Arrays.stream(b)).toArray();
    }

    /** Whatever was read before, and wherever the next prompt differs from it. */
    @TestFactory
    Stream<DynamicTest> everyPromptIsContinuedAsIfItWereTheFirst() {
        return Seeds.each(4, random -> {
            try (Decoder decoder = model()) {
                Generator generator = Generator.ofTokens(decoder, List.of());
                try (KeptRow kept = generator.keptRow()) {
                    int[] prompt = row(random, 5);
                    for (int turn = 0; turn < 8; turn++) {
                        Generated expected = generator
                                .generate(List.of(prompt), EIGHT, GenerationListener.NONE)
                                .rows()
                                .get(0);
                        Generated answer = kept.generate(prompt, EIGHT, GenerationListener.NONE)
                                .rows()
                                .get(0);
                        assertThat(answer.tokens()).isEqualTo(expected.tokens());
                        int[] whole = joined(
                                prompt,
                                answer.tokens().stream().mapToInt(i -> i).toArray());
                        int same = random.nextBoolean() ? whole.length : random.nextInt(whole.length);
                        prompt = joined(Arrays.copyOf(whole, Math.min(same, 60)), row(random, 1 + random.nextInt(4)));
                    }
                }
            }
        });
    }

    @Test
    void onlyTokensBehindTheSameBeginningAreComputed() {
        Random random = new Random(5);
        try (Decoder decoder = model();
                KeptRow kept = Generator.ofTokens(decoder, List.of()).keptRow()) {
            int[] prompt = row(random, 10);
            GenerationReport first = kept.generate(prompt, EIGHT, GenerationListener.NONE);
            assertThat(first.reusedTokens()).isZero();
            int[] answer =
                    first.rows().get(0).tokens().stream().mapToInt(i -> i).toArray();
            int[] next = joined(joined(prompt, answer), new int[] {4, 5});
            // the last of the 8 new tokens was chosen and never read
            assertThat(kept.generate(next, EIGHT, GenerationListener.NONE).reusedTokens())
                    .isEqualTo(17);
            assertThat(kept.generate(next, EIGHT, GenerationListener.NONE).reusedTokens())
                    .isEqualTo(19);
            int[] changed = next.clone();
            changed[3] = changed[3] == 50 ? 51 : 50;
            assertThat(kept.generate(changed, EIGHT, GenerationListener.NONE).reusedTokens())
                    .isEqualTo(3);
        }
    }

    @Test
    void aFailureOnTheWayLeavesNothingToReuse() {
        try (Decoder decoder = model();
                KeptRow kept = Generator.ofTokens(decoder, List.of()).keptRow()) {
            int[] prompt = row(new Random(6), 10);
            kept.generate(prompt, EIGHT, GenerationListener.NONE);
            int[] wrong = joined(prompt, new int[] {96});
            assertThatThrownBy(() -> kept.generate(wrong, EIGHT, GenerationListener.NONE))
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("96");
            assertThat(kept.generate(prompt, EIGHT, GenerationListener.NONE).reusedTokens())
                    .isZero();
        }
    }

    @Test
    void aListenerEndsARow() {
        try (Decoder decoder = model();
                KeptRow kept = Generator.ofTokens(decoder, List.of()).keptRow()) {
            GenerationListener two = new GenerationListener() {
                private int asked;

                @Override
                public void text(int row, String piece) {}

                @Override
                public boolean goesOn(int row) {
                    return ++asked < 2;
                }
            };
            Generated answer =
                    kept.generate(row(new Random(7), 4), EIGHT, two).rows().get(0);
            assertThat(answer.reason()).isEqualTo(FinishReason.STOPPED);
            assertThat(answer.tokens()).hasSize(2);
        }
    }
}
