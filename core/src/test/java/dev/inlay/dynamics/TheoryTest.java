package dev.inlay.dynamics;

import static dev.inlay.dynamics.References.EIGHT;
import static dev.inlay.dynamics.References.plain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.inlay.InlayException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Statements, held against runs for which they must hold, and against runs for which they must not claim anything. */
class TheoryTest {
    private static Trial run(Head head, double[] x, double end) {
        Rescaled flow = new Rescaled(x.length / head.dimension(), head, plain());
        return new Trial(flow, head, plain(), Adaptive.DEFAULT.run(flow, flow.start(x), 0, end));
    }

    @Test
    void oneDimensionalAttentionIsBooleanInRandomRuns() {
        int ones = 0;
        for (int seed = 0; seed < 40; seed++) {
            Trial trial = run(Head.identity(1), References.uniform(seed, 6), 20);
            Finding finding = RescaledStatements.booleanLimit(trial);
            assertThat(finding.verdict()).as("seed %d: %s", seed, finding).isEqualTo(Finding.Verdict.HOLDS);
            int[] strongest = trial.flow().weighing(20, trial.path().last()).strongest();
            long ranks = Arrays.stream(strongest).distinct().count();
            assertThat(ranks).isLessThanOrEqualTo(3);
            ones += ranks == 1 ? 1 : 0;
        }
        // All tokens on one side give rank 1, as happens in about half of the draws.
        assertThat(ones).isBetween(10, 30);
    }

    @Test
    void hullsAreNestedAndTokensEndOnThePolytope() {
        Trial trial = run(Head.identity(2), EIGHT, 20);
        assertThat(RescaledStatements.all(trial))
                .hasSize(2)
                .allSatisfy(finding ->
                        assertThat(finding.verdict()).as(finding.toString()).isEqualTo(Finding.Verdict.HOLDS));
        Trial early = run(Head.identity(2), EIGHT, 1);
        assertThat(RescaledStatements.polytope(early).verdict()).isEqualTo(Finding.Verdict.NOT_APPLICABLE);
    }

    /** A bound that is not kept under true conditions must say so. */
    @Test
    void violationsAreReported() {
        Finding finding = new Finding("claim", List.of(Hypothesis.of("true", true)), "value", 2, 1);
        assertThat(finding.verdict()).isEqualTo(Finding.Verdict.VIOLATED);
        assertThat(finding.margin()).isEqualTo(-1);
        Finding unknown = new Finding("claim", List.of(Hypothesis.unknown("who knows")), "value", 2, 1);
        assertThat(unknown.verdict()).isEqualTo(Finding.Verdict.NOT_APPLICABLE);
    }

    @Test
    void atMostThreeHyperplanesInRandomRuns() {
        for (int seed = 0; seed < 12; seed++) {
            Mersenne random = new Mersenne(seed);
            Matrix value = Matrix.of(3, 3, random.uniform(9, 0, 1));
            if (!value.spectrum().isReal()) {
                continue;
            }
            Trial trial = run(new Head(Matrix.identity(3), value), random.uniform(60, -1, 1), 25);
            for (Finding finding :
                    List.of(RescaledStatements.hyperplanes(trial), RescaledStatements.shrinkingRanges(trial))) {
                assertThat(finding.verdict()).as("seed %d: %s", seed, finding).isNotEqualTo(Finding.Verdict.VIOLATED);
            }
        }
    }

    @Test
    void theHybridStatementIsNotClaimedWhereItsProofHasAGap() {
        Matrix root = Matrix.of(new double[][] {{1, .5}, {.5, 1}});
        Trial mixed = run(new Head(root.times(root), Matrix.diagonal(1, 0)), EIGHT, 20);
        assertThat(RescaledStatements.hybrid(mixed).verdict()).isEqualTo(Finding.Verdict.NOT_APPLICABLE);
        Trial plain = run(new Head(Matrix.identity(2), Matrix.diagonal(1, -.5)), EIGHT, 20);
        assertThat(RescaledStatements.hybrid(plain).verdict()).isEqualTo(Finding.Verdict.HOLDS);
        assertThat(RescaledStatements.codimension(plain).value()).isEqualTo(2);
    }

    @Test
    void tokensCollapseUnderMinusIdentityButSlowly() {
        Head head = new Head(Matrix.identity(2), Matrix.identity(2).times(-1));
        Euclidean flow = new Euclidean(8, 2, Weights.tied(head), plain());
        Path path = Adaptive.DEFAULT.run(flow, EIGHT, 0, 400);
        Trial trial = new Trial(flow, head, plain(), path);
        assertThat(RescaledStatements.collapse(trial).verdict()).isEqualTo(Finding.Verdict.HOLDS);
        double early = Geometry.largestNorm(path.at(100), 2);
        // Algebraic: four times the time does not make it smaller by an exponential factor.
        assertThat(Geometry.largestNorm(path.last(), 2)).isBetween(early / 16, early);
    }

    @Test
    void measuresStayNear() {
        Head head = Head.identity(2);
        Euclidean flow = new Euclidean(10, 2, Weights.tied(head), plain());
        double[] x = References.uniform(5, 20);
        double[] y = x.clone();
        for (int i = 0; i < y.length; i++) {
            y[i] += 1e-3 * (i % 3);
        }
        Finding finding = MeanField.stability(
                new Trial(flow, head, plain(), Adaptive.DEFAULT.run(flow, x, 0, .5)),
                new Trial(flow, head, plain(), Adaptive.DEFAULT.run(flow, y, 0, .5)));
        assertThat(finding.verdict()).as(finding.toString()).isEqualTo(Finding.Verdict.HOLDS);
    }

    @Test
    void tokensOnTheSphereMeetWhereTheyMust() {
        double[] start = References.gaussianOnSphere(new Mersenne(7), 16, 3);
        Spherical flow = new Spherical(16, 3, Weights.tied(Head.identity(3)), plain());
        Path path = Adaptive.DEFAULT.run(flow, start, 0, 80);
        Trial trial = new Trial(flow, Head.identity(3), plain(), path);
        assertThat(SphereStatements.oneCluster(trial).verdict()).isEqualTo(Finding.Verdict.HOLDS);
        Trial brief = new Trial(flow, Head.identity(3), plain(), Adaptive.DEFAULT.run(flow, start, 0, 2));
        assertThat(SphereStatements.oneCluster(brief).verdict()).isEqualTo(Finding.Verdict.NOT_APPLICABLE);
    }

    /** The phase curve of an orthogonal start: the largest beta that has met by a given time. */
    @Test
    void thePhaseCurve() {
        double[][] known = {{10, 5.912396}, {20, 7.219828}, {30, 7.784877}};
        for (double[] point : known) {
            double beta = Crossing.root(b -> apart(b, point[0]), true, 1e-3, .1, 9);
            assertThat(beta).isCloseTo(point[1], within(5e-5));
        }
    }

    private static double apart(double beta, double t) {
        return 1
                - Adaptive.REFERENCE.run(new Equiangular(128, beta, new Rule.Softmax()), new double[] {0}, 0, t)
                        .last()[0];
    }

    @Test
    void metastableCapsAreCertifiedAndKept() {
        double eps = .003;
        double beta = 80;
        double[] centres = {1, 0, -1, 0};
        double[] x = new double[12];
        Mersenne random = new Mersenne(11);
        for (int i = 0; i < 6; i++) {
            double angle = (i % 2) * Math.PI + Math.acos(1 - eps) * (2 * random.uniform() - 1);
            x[2 * i] = Math.cos(angle);
            x[2 * i + 1] = Math.sin(angle);
        }
        Metastability certificate = Metastability.of(x, centres, 2, eps, beta);
        assertThat(certificate.isCertified()).isTrue();
        Interaction kernel = Interaction.softmax(beta).with(new Rule.Kernel(1));
        Spherical flow = new Spherical(6, 2, Weights.tied(Head.identity(2)), kernel);
        double until = certificate.clustered() * 1.2;
        Path path = Adaptive.DEFAULT.run(flow, x, 0, until);
        for (double t = 0; t < until; t += until / 50) {
            assertThat(Metastability.caps(path.at(t), centres, 2, eps)).containsExactly(0, 1, 0, 1, 0, 1);
        }
        double[] last = path.last();
        for (int i = 2; i < 6; i++) {
            assertThat(Geometry.squaredDistance(last, i, last, i - 2, 2))
                    .isLessThanOrEqualTo(2 * Math.exp(-certificate.lambda() * beta) + 1e-15);
        }
        assertThat(Metastability.of(x, centres, 2, eps, 5).isCertified()).isFalse();
    }

    @Test
    void aChangeSwitchesTheHyperplanesWhenItPassesTheLeadingEigenvalue() {
        Matrix value = Matrix.diagonal(1, .6, .2);
        for (double mu : new double[] {.2, .35, .45, .8}) {
            Head changed = Perturbation.ofValue(LowRankChange.alongEigenvector(value, 1, mu))
                    .apply(new Head(Matrix.identity(3), value));
            double[] axis = changed.value().spectrum().vectors().column(0);
            assertThat(Math.abs(axis[mu > .4 ? 1 : 0])).isCloseTo(1, within(1e-12));
        }
    }

    @Test
    void scoresOfRankOneLeaveAtMostTwoClusters() {
        for (int seed = 0; seed < 5; seed++) {
            Head head = new Head(Matrix.diagonal(1, 0, 0), Matrix.identity(3));
            Trial trial = run(head, References.uniform(seed, 60), 20);
            assertThat(Clusters.within(trial.last(), 3, .05).count()).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void theSecondClusteringComesBeforeItsBound() {
        for (int seed = 0; seed < 4; seed++) {
            double[] x = References.uniform(seed, 40);
            double eps = .05;
            Head changed = References.slowed(eps);
            Rescaled flow = new Rescaled(20, changed, plain());
            Path path = Adaptive.DEFAULT.run(flow, x, 0, 400);
            OptionalDouble second = Paired.secondClustering(path::at, .1, 2, new Crossing(.2, 0), 0, 400);
            OptionalDouble bound = Bifurcation.secondClusteringBound(changed, path.last(), Geometry.diameter(x, 2), .1);
            bound.ifPresent(value -> assertThat(second.orElse(0)).isLessThanOrEqualTo(value + 2));
        }
    }

    @Test
    void gaussianDataBlowUpWhenTheModelSays() {
        GaussianField field =
                new GaussianField(new Head(Matrix.of(new double[][] {{.5}}), Matrix.of(new double[][] {{2}})));
        double[] start = field.state(new double[] {1}, Matrix.of(new double[][] {{.25}}));
        double[] state = Adaptive.REFERENCE.run(field, start, 0, 1.5).last();
        assertThat(state[1]).isCloseTo(.25 / (1 - 2 * 2 * .5 * .25 * 1.5), within(1e-9));
        assertThatThrownBy(() -> Adaptive.DEFAULT.run(field, start, 0, 2.1)).isInstanceOf(InlayException.class);
    }

    @Test
    void theStaircaseRisesAtEachMerge() {
        List<Staircase.Stair> stairs = new Staircase(500, 1e-4, 30_000).climb(Staircase.publishedStart(), 1000);
        for (int k = 1; k < stairs.size(); k++) {
            assertThat(stairs.get(k).logEnergy())
                    .isGreaterThanOrEqualTo(stairs.get(k - 1).logEnergy() - 1e-3);
            assertThat(stairs.get(k).apart())
                    .isLessThanOrEqualTo(stairs.get(k - 1).apart());
        }
        assertThat(stairs.get(stairs.size() - 1).apart()).isLessThan(5);
    }

    @Test
    void theEndOfAGaussianFieldIsThatOfTheClosedFormAndOthersHaveNone() {
        for (double spread : new double[] {1e-3, 1, 50}) {
            GaussianField line = new GaussianField(new Head(Matrix.diagonal(.5), Matrix.diagonal(2)));
            double[] state = line.state(new double[] {3}, Matrix.diagonal(spread));
            assertThat(line.blowUp(state, 1e3).orElse(0)).isCloseTo(1 / (2 * spread), withinPercentage(1e-7));
            assertThat(line.blowUp(state, .4 / spread)).isEmpty();
        }
        // The faster of two directions ends first: 1 / (2 V A S) = 1 / 6 and 1 / 2.
        GaussianField plane = new GaussianField(new Head(Matrix.diagonal(1, 1), Matrix.diagonal(1, 1)));
        double[] state = plane.state(new double[2], Matrix.diagonal(1, 3));
        assertThat(plane.blowUp(state, 10).orElse(0)).isCloseTo(1 / 6.0, withinPercentage(1e-7));
        // S (A + A') S = 0 stands still, V A < 0 decays, and one point stays one.
        Matrix turning = Matrix.of(new double[][] {{0, 1}, {-1, 0}});
        assertThat(new GaussianField(new Head(turning, Matrix.identity(2))).blowUp(state, 100))
                .isEmpty();
        assertThat(new GaussianField(new Head(Matrix.diagonal(-1, -1), Matrix.identity(2))).blowUp(state, 100))
                .isEmpty();
        assertThat(plane.blowUp(plane.state(new double[] {1, 1}, Matrix.zero(2, 2)), 100))
                .isEmpty();
    }
}
