package dev.inlay.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Runs of strength. */
class SegmentsTest {
    @Test
    void eachPositionHasItsStrengthAndTheLastHoldsForAllThatFollow() {
        Random random = new Random(1);
        for (int trial = 0; trial < 200; trial++) {
            double[] strengths = random.ints(1 + random.nextInt(9), 0, 3)
                    .mapToDouble(i -> i / 2.0)
                    .toArray();
            Segments segments = Segments.of(strengths);
            for (int i = 0; i < strengths.length + 3; i++) {
                assertThat(segments.at(i)).isEqualTo(strengths[Math.min(i, strengths.length - 1)]);
            }
        }
    }

    @Test
    void firstDifferenceIsThatOfComparingEveryPosition() {
        Random random = new Random(2);
        for (int trial = 0; trial < 300; trial++) {
            Segments one = Segments.of(random.ints(5, 0, 2).asDoubleStream().toArray());
            Segments other = Segments.of(random.ints(6, 0, 2).asDoubleStream().toArray());
            int expected = Integer.MAX_VALUE;
            for (int i = 9; i >= 0; i--) {
                expected = one.at(i) != other.at(i) ? i : expected;
            }
            assertThat(one.firstDifference(other)).isEqualTo(expected);
        }
    }

    @Test
    void equalStrengthsAreEqualSegments() {
        assertThat(Segments.of(0, 0, 1, 1)).isEqualTo(Segments.from(2));
        assertThat(Segments.of(1)).isEqualTo(Segments.OPEN);
        assertThat(Segments.of(0, 0)).isEqualTo(Segments.CLOSED);
        assertThat(Segments.CLOSED.firstOpen()).isEqualTo(Integer.MAX_VALUE);
        assertThat(Segments.of(0, 0.5).firstOpen()).isEqualTo(1);
    }

    @Test
    void runsOutOfOrderOrWithoutADifferenceAreRefused() {
        assertThatThrownBy(() -> new Segments(List.of(new Segments.Run(0, 0)))).hasMessageContaining("differ");
        assertThatThrownBy(() -> new Segments(List.of(new Segments.Run(3, 1), new Segments.Run(3, 0))))
                .hasMessageContaining("one after the other");
        assertThatThrownBy(() -> new Segments.Run(-1, 1)).hasMessageContaining("from 0");
        assertThatThrownBy(() -> new Segments.Run(0, Double.NaN)).hasMessageContaining("finite");
    }
}
