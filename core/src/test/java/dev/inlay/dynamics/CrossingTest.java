package dev.inlay.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class CrossingTest {
    @Test
    void crossingsAreRootsAndWhatNeverHappensIsEmpty() {
        Crossing crossing = new Crossing(.1, 0);
        assertThat(crossing.firstAbove(t -> t * t, 2, 0, 3).orElseThrow()).isCloseTo(Math.sqrt(2), within(1e-12));
        assertThat(crossing.firstBelow(Math::cos, 0, 0, 3).orElseThrow()).isCloseTo(Math.PI / 2, within(1e-12));
        assertThat(crossing.lastAbove(Math::sin, .5, 0, 6).orElseThrow()).isCloseTo(5 * Math.PI / 6, within(1e-12));
        assertThat(crossing.firstAbove(Math::sin, 1.5, 0, 100)).isEmpty();
    }

    /** The sine is above 0.5 for a while of 2.1 only, so a longer hold waits for what comes after. */
    @Test
    void aVisitThatDoesNotLastIsNoCrossing() {
        assertThat(new Crossing(.1, 2).firstAbove(Math::sin, .5, 0, 12)).isPresent();
        assertThat(new Crossing(.1, 2.2).firstAbove(Math::sin, .5, 0, 12)).isEmpty();
    }

    @Test
    void changesOfACountHaveTheirTimeAndBothValues() {
        List<Crossing.Change> changes =
                new Crossing(.1, .2).changes(t -> t < Math.E ? 5 : t < 4.2345 ? 3 : t > 6 && t < 6.15 ? 9 : 4, 0, 8);
        assertThat(changes).extracting(Crossing.Change::before).containsExactly(5, 3);
        assertThat(changes).extracting(Crossing.Change::after).containsExactly(3, 4);
        assertThat(changes.get(0).time()).isCloseTo(Math.E, within(1e-12));
        assertThat(changes.get(1).time()).isCloseTo(4.2345, within(1e-12));
    }
}
