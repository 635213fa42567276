package dev.inlay.model.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.testing.Seeds;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class PromptPiecesTest {
    @TestFactory
    Stream<DynamicTest> everyTokenIsReadInOrderWithinTheBudgetAndTheLastPassHoldsEveryLastToken() {
        return Seeds.each(200, random -> {
            int[] lengths = random.ints(1 + random.nextInt(6), 1, 50).toArray();
            int budget = 1 + random.nextInt(40);
            List<PromptPieces> passes = PromptPieces.of(new int[lengths.length], lengths, budget);
            int[] read = new int[lengths.length];
            for (PromptPieces pass : passes) {
                int tokens = 0;
                for (int row = 0; row < lengths.length; row++) {
                    int from = pass.from().get(row);
                    assertThat(from).isEqualTo(Math.min(read[row], lengths[row] - 1));
                    read[row] = pass.to().get(row);
                    assertThat(read[row]).isGreaterThan(from);
                    tokens += read[row] - from;
                }
                assertThat(tokens).isLessThanOrEqualTo(Math.max(budget, lengths.length));
            }
            assertThat(passes.get(passes.size() - 1).to())
                    .containsExactlyElementsOf(
                            java.util.Arrays.stream(lengths).boxed().toList());
        });
    }

    @Test
    void promptsWithinTheBudgetAreReadAtOnce() {
        assertThat(PromptPieces.of(new int[3], new int[] {3, 1, 4}, 8)).hasSize(1);
        assertThat(PromptPieces.of(new int[3], new int[] {3, 1, 4}, 7)).hasSize(2);
        assertThat(PromptPieces.of(new int[1], new int[] {1000}, 100)).hasSize(10);
    }

    @Test
    void whatWasReadIsNotReadAgain() {
        List<PromptPieces> passes = PromptPieces.of(new int[] {7, 0}, new int[] {10, 2}, 4);
        assertThat(passes.get(0).from()).containsExactly(7, 0);
        assertThat(passes.get(passes.size() - 1).to()).containsExactly(10, 2);
    }
}
