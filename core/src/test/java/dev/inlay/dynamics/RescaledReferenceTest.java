package dev.inlay.dynamics;

import static dev.inlay.dynamics.References.EIGHT;
import static dev.inlay.dynamics.References.assertToken;
import static dev.inlay.dynamics.References.plain;
import static dev.inlay.dynamics.References.reference;
import static dev.inlay.dynamics.References.rescaled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers that an independent simulation gave for rescaled tokens, to their last digit. */
class RescaledReferenceTest {
    @Test
    void withoutAttentionTokensContractToTheirMean() {
        double[] x = References.uniform(1, 30);
        double[] z = reference(rescaled(10, Matrix.zero(3, 3), Matrix.identity(3)), x, 2);
        for (int k = 0; k < 3; k++) {
            double mean = 0;
            for (int i = 0; i < 10; i++) {
                mean += x[3 * i + k] / 10;
            }
            for (int i = 0; i < 10; i++) {
                assertThat(z[3 * i + k]).isCloseTo(mean + Math.exp(-2) * (x[3 * i + k] - mean), within(1e-12));
            }
        }
    }

    @Test
    void aSingleTokenFollowsTheExponentialOfV() {
        Matrix value = Matrix.of(new double[][] {{0.3, -1.1}, {0.7, 0.2}});
        double[] x = {0.5, -0.8};
        Euclidean flow = new Euclidean(1, 2, Weights.tied(new Head(Matrix.identity(2), value)), plain());
        double[] exact = value.times(3).exp().apply(x);
        assertThat(reference(flow, x, 3)).containsExactly(exact, within(1e-10));
        assertThat(reference(new Rescaled(1, new Head(Matrix.identity(2), value), plain()), x, 3))
                .containsExactly(x, within(1e-12));
    }

    @Test
    void aSymmetricPairEndsWhereTheIntegralSays() {
        assertThat(reference(rescaled(2, 2), new double[] {.8, 0, -.8, 0}, 15)[0])
                .isCloseTo(0.675856133, within(5e-10));
    }

    @Test
    void inOneDimensionAttentionBecomesBooleanDoublyExponentially() {
        Rescaled flow = rescaled(5, 1);
        Path path = Adaptive.REFERENCE.run(flow, new double[] {-2, -1, .3, 1.5, 2.2}, 0, 15);
        assertThat(path.last()[0]).isCloseTo(-1.965533, within(5e-7));
        assertThat(path.last()[4]).isCloseTo(2.154708, within(5e-7));
        double[] residuals = {.06595139, 3.918921e-5, 4.949026e-38};
        double[] times = {1, 2, 4};
        for (int k = 0; k < 3; k++) {
            Weighing weighing = flow.weighing(times[k], path.at(times[k]));
            assertThat(Math.exp(weighing.logResidual()) / residuals[k]).isCloseTo(1, within(2e-7));
            assertThat(weighing.strongest()).containsExactly(0, 0, 4, 4, 4);
        }
    }

    @Test
    void eightTokensFormThreeClusters() {
        Path path = Adaptive.REFERENCE.run(rescaled(8, 2), EIGHT, 0, 20);
        double[] z = path.last();
        for (int i : new int[] {0, 1, 4, 5, 6, 7}) {
            assertToken(z, i, .591452, .188644, 5e-7);
        }
        assertToken(z, 2, -.243498, .376983, 5e-7);
        assertToken(z, 3, -.232869, -.193785, 5e-7);
        assertToken(path.at(1), 0, .66125372, .12089556, 5e-9);
        assertThat(Clusters.within(z, 2, .1).count()).isEqualTo(3);
    }

    /** The published scheme with its published step ends elsewhere; reproducing it means reproducing that. */
    @Test
    void thePublishedSchemeEndsElsewhere() {
        double[] z =
                Steps.run(rescaled(8, 2), new Scheme.Euler(), EIGHT, 0, .1, 200).last();
        assertToken(z, 0, .55071, .20228, 5e-6);
        assertToken(z, 2, -.16546, .36598, 5e-6);
        assertToken(z, 3, -.17558, -.11099, 5e-6);
    }

    @Test
    void scoresOfRankOneMakeTwoClustersAndNegativeDirectionsAreSafe() {
        double[] low = reference(rescaled(8, Matrix.diagonal(1, 0), Matrix.identity(2)), EIGHT, 20);
        double[] negative = reference(rescaled(8, Matrix.identity(2), Matrix.diagonal(1, -.5)), EIGHT, 14);
        for (int i = 0; i < 8; i++) {
            boolean second = i == 2 || i == 3;
            assertToken(low, i, second ? -.265812 : .611521, second ? .167479 : .115967, 5e-7);
            assertThat(negative[2 * i]).isCloseTo(second ? -.2670 : .6110, within(5e-5));
        }
    }

    @ParameterizedTest
    @CsvSource({".1,3.66,15.02", ".05,3.94,32.36", ".02,4.26,87.56", ".01,4.46,181.66"})
    void bifurcationTimesOfEightTokens(double eps, double clustering, double bifurcation) {
        Paired paired = new Paired(8, 2, reference(rescaled(8, 2), EIGHT, 20), .1);
        Rescaled changed = new Rescaled(8, References.slowed(eps), plain());
        Paired.Times times = paired.times(changed, new Scheme.RungeKutta(), EIGHT, .02, 10_000);
        assertThat(times.clustering().orElseThrow()).isCloseTo(clustering, within(1e-9));
        assertThat(times.bifurcation().orElseThrow()).isCloseTo(bifurcation, within(1e-9));
        // The adaptive run, not bound to a grid, lies just before.
        Path path = Adaptive.DEFAULT.run(changed, EIGHT, 0, bifurcation + 1);
        Paired.Times exact = paired.times(path::at, new Crossing(.05, 0), 0, path.end());
        assertThat(exact.clustering().orElseThrow()).isBetween(clustering - .021, clustering);
        assertThat(exact.bifurcation().orElseThrow()).isBetween(bifurcation - .021, bifurcation + 1e-4);
    }

    @Test
    void bifurcationTimesFollowTheClosedFormAsTheChangeVanishes() {
        double[] base = reference(rescaled(8, 2), EIGHT, 20);
        assertThat(Bifurcation.constant(base, .1).orElseThrow()).isCloseTo(1.89984, within(5e-6));
        double[] eps = {.005, .002, .001};
        double[] logs = new double[3];
        for (int k = 0; k < 3; k++) {
            double time = bifurcation(base, EIGHT, eps[k]);
            logs[k] = Math.log(time);
            if (k == 0) {
                assertThat(time).isCloseTo(371.08, within(.0201));
            }
        }
        double time = Math.exp(logs[2]);
        assertThat(time).isCloseTo(1890.46, within(.0201));
        assertThat(.001 * time).isCloseTo(1.89984, within(.02 * 1.89984));
        assertThat((logs[2] - logs[0]) / Math.log(.001 / .005)).isCloseTo(-1, within(.04));
    }

    /** Through the tail, for the smallest change that anybody may ask for. */
    @Test
    void theTailReachesChangesThatNoStepCould() {
        double[] base = reference(rescaled(8, 2), EIGHT, 20);
        assertThat(1e-8 * bifurcation(base, EIGHT, 1e-8)).isCloseTo(1.89984, within(5e-6));
        double[] twenty = References.uniform(42, 40);
        double[] other = reference(rescaled(20, 2), twenty, 20);
        assertThat(1e-8 * bifurcation(other, twenty, 1e-8)).isCloseTo(.57546, within(5e-6));
    }

    private static double bifurcation(double[] base, double[] x, double eps) {
        int n = x.length / 2;
        Rescaled changed = new Rescaled(n, References.slowed(eps), plain());
        double[] z = Adaptive.REFERENCE.run(changed, x, 0, 12).last();
        assertThat(Tail.mayBegin(changed.weighing(12, z))).isTrue();
        Tail.Course course = new Tail(n, References.slowed(eps), false).run(z, 12, 2.5 / eps);
        return course.firstAbove(new Paired(n, 2, base, .1)::distance, .1).orElseThrow();
    }

    @Test
    void tenThousandUnitsOfTimeAreSafe() {
        Rescaled changed = new Rescaled(8, References.slowed(.001), plain());
        double[] z = Steps.visit(changed, new Scheme.Euler(), EIGHT, 9990, .1, 100, (state, t) -> {});
        assertThat(z).doesNotContain(Double.NaN);
        assertThat(changed.weighing(1e4, z).weights()).doesNotContain(Double.NaN);
        // What overflowed in published code: e^(2t) times a score at t = 356.
        assertThat(changed.weighing(400, EIGHT).weights()).doesNotContain(Double.NaN);
    }

    @Test
    void theHullNeverGrowsHoweverLargeTheExponentialStep() {
        for (double h : new double[] {.1, 1, 10}) {
            Steps steps = Steps.run(rescaled(8, 2), new Scheme.Exponential(1), EIGHT, 0, h, 12);
            for (int k = 0; k < 12; k++) {
                assertThat(new Hull(steps.state(k), 2).excess(steps.state(k + 1)))
                        .isLessThan(1e-9);
            }
        }
    }
}
