package dev.inlay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.IntSummaryStatistics;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobTokensTest {
    /** By hand: 3 + (7919 i + 104729 r) mod 31997. */
    @Test
    void areThoseOfTheOtherSide() {
        List<int[]> rows = JobTokens.rows(2, 6, 32000);
        assertThat(rows.get(0)).containsExactly(3, 7922, 15841, 23760, 31679, 7601);
        assertThat(rows.get(1)).containsExactly(8741, 16660, 24579, 501, 8420, 16339);
    }

    @Test
    void stayInTheVocabularyOverLongRows() {
        IntSummaryStatistics ids =
                Arrays.stream(JobTokens.rows(1, 400_000, 10).get(0)).summaryStatistics();
        assertThat(ids.getMin()).isEqualTo(3);
        assertThat(ids.getMax()).isEqualTo(9);
    }
}
