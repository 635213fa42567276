package dev.inlay.app.experiments.modular;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForgettingFitTest {
    private static Curve curve(double... addition) {
        List<Curve.Point> points = new ArrayList<>();
        for (int e = 0; e < addition.length; e++) {
            points.add(new Curve.Point(10 * e, addition[e], 0, 0, e * e));
        }
        return new Curve(points);
    }

    @Test
    void aFallIsLinearBetweenPointsAndTheFirst() {
        Curve curve = curve(.8, .8, .6, .3, .7, .1);
        assertThat(curve.fall(.5, Curve.Point::epoch).at()).isCloseTo(20 + 10 * .2 / .3, within(1e-12));
        assertThat(curve.fall(.5, Curve.Point::norm).at()).isCloseTo(4 + 5 * .2 / .3, within(1e-12));
        assertThat(curve.fall(.9, Curve.Point::epoch).at()).isCloseTo(14, within(1e-12));
    }

    @Test
    void whatNeverHappensIsBeyondTheEndAndNotZero() {
        Fall fall = curve(.8, .7, .6).fall(.5, Curve.Point::epoch);
        assertThat(fall.isReached()).isFalse();
        assertThat(fall.at()).isEqualTo(20);
        assertThat(fall.orInfinity()).isInfinite();
    }

    @Test
    void loggedEpochsThinOut() {
        assertThat(Curve.isLogged(600, 1000)).isTrue();
        assertThat(Curve.isLogged(601, 1000)).isFalse();
        assertThat(Curve.isLogged(630, 1000)).isTrue();
        assertThat(Curve.isLogged(1000, 1000)).isTrue();
    }

    @Test
    void aLineWithoutCensoredValuesIsThatOfLeastSquares() {
        CensoredLine line = CensoredLine.of(
                new double[] {1, 2, 3, 4}, new double[] {2, 1, 4, 3}, new boolean[] {true, true, true, true});
        assertThat(line.slope()).isCloseTo(.6, within(1e-12));
        assertThat(line.intercept()).isCloseTo(1, within(1e-12));
    }

    /** Reference: the likelihood maximised by L-BFGS in float64. */
    @Test
    void aCensoredLineIsTheMostLikelyOne() {
        CensoredLine line = CensoredLine.of(
                new double[] {2, 2, 2, 4, 4, 4, 6, 6, 6, 8, 8, 8},
                new double[] {6.1, 5.5, 6, 5.2, 5.9, 6, 4.4, 5.1, 6, 4, 4.9, 4.6},
                new boolean[] {false, true, false, true, true, false, true, true, false, true, true, true});
        assertThat(line.intercept()).isCloseTo(6.947378747, within(1e-6));
        assertThat(line.slope()).isCloseTo(-0.295630106, within(1e-6));
    }

    @Test
    void aLineNeedsThreeValuesAndTwoPlaces() {
        assertThat(CensoredLine.of(new double[] {1, 2, 3}, new double[] {1, 2, 3}, new boolean[] {true, true, false})
                        .slope())
                .isNaN();
        assertThat(CensoredLine.of(new double[] {2, 2, 2}, new double[] {1, 2, 3}, new boolean[] {true, true, true})
                        .slope())
                .isNaN();
    }

    @Test
    void mediansPutWhatNeverHappenedLast() {
        double never = Double.POSITIVE_INFINITY;
        assertThat(Estimate.median(new double[] {never, 3, 1})).isEqualTo(3);
        assertThat(Estimate.median(new double[] {never, 3, never})).isInfinite();
        assertThat(Estimate.median(new double[] {4, 2})).isEqualTo(3);
        assertThat(Estimate.median(new double[0])).isNaN();
        Estimate some = Estimate.medianOf(List.of(1.0, 2.0, 3.0, 4.0, never));
        assertThat(some.value()).isEqualTo(3);
        assertThat(some.low()).isBetween(1.0, 2.0);
        assertThat(some.high()).isGreaterThanOrEqualTo(4);
        assertThat(Estimate.medianOf(List.of(5.0, 5.0)).words("%.0f")).isEqualTo("5 (5 to 5)");
    }
}
