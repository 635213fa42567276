package dev.inlay.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.aggregator.ArgumentsAccessor;
import org.junit.jupiter.params.provider.CsvSource;

/** Bounds against random trials: none may ever be violated. */
class BoundsTest {
    private static final double[] TIMES = {.05, .1, .2, .35, .5};

    private record Draw(int n, Head base, Head changed, double[] x) {
        static Draw of(Mersenne random, boolean values, boolean scores) {
            int d = 2 + (int) (random.uniform() * 2);
            int n = 3 + (int) (random.uniform() * 4);
            Matrix value = values ? unit(random, d) : Matrix.identity(d);
            Head base = new Head(unit(random, d), value);
            double size = Math.pow(10, -3 * random.uniform());
            LowRankChange change = LowRankChange.gaussian(d, 1, 1, random).withNorm(size);
            LowRankChange other = LowRankChange.gaussian(d, 1, 1, random).withNorm(size);
            Head changed = base;
            if (values) {
                changed = Perturbation.ofValue(change).apply(changed);
            }
            if (scores) {
                changed = Perturbation.ofScore(other).apply(changed);
            }
            return new Draw(n, base, changed, random.uniform(n * d, -.7, .7));
        }

        private static Matrix unit(Mersenne random, int d) {
            Matrix matrix = Matrix.of(d, d, random.normal(d * d));
            return matrix.times(1 / matrix.norm());
        }

        double radius() {
            return Geometry.largestNorm(x, base.dimension());
        }
    }

    private static double apart(TokenFlow base, TokenFlow changed, double[] x, double t) {
        int steps = 1 + (int) Math.ceil(t / .05);
        double[] first = Steps.visit(base, new Scheme.RungeKutta(), base.start(x), 0, t / steps, steps, (s, u) -> {});
        double[] second =
                Steps.visit(changed, new Scheme.RungeKutta(), changed.start(x), 0, t / steps, steps, (s, u) -> {});
        return Geometry.largestDistance(base.positions(t, first), changed.positions(t, second), base.dimension());
    }

    @Test
    void noTrialOfAThousandViolatesABound() {
        for (int trial = 0; trial < 1000; trial++) {
            Mersenne random = Mersenne.ofRun(17, trial);
            int kind = trial % 3;
            Draw draw = Draw.of(random, kind != 2, trial % 2 == 0 || kind == 2);
            Bounds bounds = new Bounds(draw.base, draw.changed, draw.radius());
            double t = TIMES[trial % TIMES.length] * (kind == 1 ? 4 : 1);
            double apart = kind == 0 ? euclidean(draw, t) : kind == 1 ? spherical(draw, t) : rescaled(draw, t);
            double bound =
                    kind == 0 ? bounds.logEuclidean(t, 0) : kind == 1 ? bounds.logSpherical(t) : bounds.logRescaled(t);
            assertThat(Math.log(apart)).as("trial %d of kind %d", trial, kind).isLessThanOrEqualTo(bound + 1e-9);
        }
    }

    private static double euclidean(Draw draw, double t) {
        int d = draw.base.dimension();
        return apart(
                new Euclidean(draw.n, d, Weights.tied(draw.base), References.plain()),
                new Euclidean(draw.n, d, Weights.tied(draw.changed), References.plain()),
                draw.x,
                t);
    }

    private static double spherical(Draw draw, double t) {
        int d = draw.base.dimension();
        return apart(
                new Spherical(draw.n, d, Weights.tied(draw.base), References.plain()),
                new Spherical(draw.n, d, Weights.tied(draw.changed), References.plain()),
                draw.x,
                t);
    }

    private static double rescaled(Draw draw, double t) {
        return apart(
                new Rescaled(draw.n, draw.base, References.plain()),
                new Rescaled(draw.n, draw.changed, References.plain()),
                draw.x,
                t);
    }

    /** With what was measured the bound is tighter by far, and still a bound. */
    @Test
    void measuredBoundsHoldAndAreTighter() {
        double tightest = Double.POSITIVE_INFINITY;
        for (int trial = 0; trial < 40; trial++) {
            Draw draw = Draw.of(Mersenne.ofRun(23, trial), true, true);
            boolean sphere = trial % 2 == 0;
            int d = draw.base.dimension();
            double end = 1;
            TokenFlow first = flow(draw, draw.base, sphere);
            TokenFlow second = flow(draw, draw.changed, sphere);
            double[] start = first.start(draw.x);
            Path x = Steps.run(first, new Scheme.RungeKutta(), start, 0, .02, 50);
            Path y = Steps.run(second, new Scheme.RungeKutta(), start, 0, .02, 50);
            double[] times = new double[51];
            for (int k = 0; k <= 50; k++) {
                times[k] = k * .02;
            }
            double[] logs = new MeasuredBound(List.of(draw.base), List.of(draw.changed), sphere, 1).logs(x, y, times);
            for (int k = 1; k <= 50; k++) {
                double apart = Math.log(Geometry.largestDistance(x.at(times[k]), y.at(times[k]), d));
                assertThat(apart).as("trial %d at %s", trial, times[k]).isLessThanOrEqualTo(logs[k]);
            }
            Bounds prior = new Bounds(draw.base, draw.changed, Geometry.largestNorm(start, d));
            double known = sphere ? prior.logSpherical(end) : prior.logEuclidean(end, 0);
            assertThat(logs[50]).as("trial %d", trial).isLessThanOrEqualTo(known);
            tightest = Math.min(tightest, logs[50] - known);
        }
        assertThat(tightest).isLessThan(Math.log(.1));
    }

    private static TokenFlow flow(Draw draw, Head head, boolean sphere) {
        int d = head.dimension();
        return sphere
                ? new Spherical(draw.n, d, Weights.tied(head), References.plain())
                : new Euclidean(draw.n, d, Weights.tied(head), References.plain());
    }

    /** The tangent is exact to first order: halving the change quarters what it misses. */
    @Test
    void theTangentIsExactToFirstOrder() {
        for (boolean sphere : new boolean[] {false, true}) {
            Draw draw = Draw.of(new Mersenne(5), true, true);
            int d = draw.base.dimension();
            Matrix score = draw.changed.score().minus(draw.base.score());
            Matrix value = draw.changed.value().minus(draw.base.value());
            score = score.times(1 / score.norm());
            value = value.times(1 / value.norm());
            Tangent tangent = new Tangent(draw.n, List.of(draw.base), List.of(new Head(score, value)), 1, sphere);
            double[] start = flow(draw, draw.base, sphere).start(draw.x);
            double[] both =
                    Adaptive.REFERENCE.run(tangent, tangent.start(start), 0, .8).last();
            double[] missed = new double[2];
            double[] sizes = {1e-3, 5e-4};
            for (int s = 0; s < 2; s++) {
                Head changed = new Head(
                        draw.base.score().plus(score.times(sizes[s])),
                        draw.base.value().plus(value.times(sizes[s])));
                double[] end = Adaptive.REFERENCE
                        .run(flow(draw, changed, sphere), start, 0, .8)
                        .last();
                double[] predicted = new double[draw.n * d];
                for (int i = 0; i < predicted.length; i++) {
                    predicted[i] = both[i] + sizes[s] * both[predicted.length + i];
                }
                missed[s] = Geometry.largestDistance(predicted, end, d);
            }
            assertThat(missed[0] / missed[1]).isCloseTo(4, within(.1));
        }
    }

    @Test
    void theBoundsTimeIsBeforeEveryDivergence() {
        Draw draw = Draw.of(new Mersenne(9), true, true);
        Bounds bounds = new Bounds(draw.base, draw.changed, draw.radius());
        double time = Bounds.time(t -> bounds.logEuclidean(t, 0), .01, 5).orElseThrow();
        assertThat(euclidean(draw, time)).isLessThanOrEqualTo(.01);
        assertThat(bounds.logEuclidean(time, 0)).isCloseTo(Math.log(.01), within(1e-9));
        assertThat(bounds.logEuclidean(50, 0)).isPositive();
    }

    /** Where V is drawn, too, and the change has every size up to where the criterion fails. */
    @Test
    void theGapCriterionIsNeverContradicted() {
        int met = 0;
        for (int trial = 0; trial < 1000; trial++) {
            Mersenne random = Mersenne.ofRun(31, trial);
            int d = 3 + trial % 4;
            double[] values = random.uniform(d, 0, .8);
            values[0] = 1;
            Matrix value = Matrix.diagonal(values);
            Head base = new Head(value, value);
            LowRankChange change =
                    LowRankChange.gaussian(d, 1 + trial % 3, 1, random).withNorm(.3 * random.uniform());
            double[] x = References.gaussianOnSphere(random, 8, d);
            for (int i = 0; i < 8; i++) {
                x[i * d] = Math.abs(x[i * d]);
            }
            GapCriterion criterion = GapCriterion.of(base, change.matrix(), x);
            if (!criterion.isMet()) {
                continue;
            }
            Head changed = Perturbation.ofValue(change).apply(base);
            Spherical flow = new Spherical(8, d, Weights.tied(changed), References.plain());
            double[] last = Steps.visit(flow, new Scheme.ProjectedEuler(), x, 0, .25, 800, (s, t) -> {});
            Finding finding = criterion.check(base, change.matrix(), last);
            met++;
            assertThat(finding.verdict()).as("trial %d: %s", trial, finding).isEqualTo(Finding.Verdict.HOLDS);
            double[] firsts = new double[8 * d];
            for (int i = 0; i < 8; i++) {
                firsts[i * d] = 1;
            }
            assertThat(Geometry.largestDistance(last, firsts, d)).isLessThanOrEqualTo(criterion.driftBound() + 1e-4);
        }
        assertThat(met).isGreaterThan(300);
    }

    /**
     * The pinned table of drifts over eta / sqrt(L), and over eta where one draw is for all layers, as root mean square over
     * starts, too: a single start moves all its entries by up to a tenth.
     */
    @ParameterizedTest
    @CsvSource({
        "32, .0443, .148, .443, 1.17, .0415, .136, .380, .856",
        "128, .0453, .152, .450, 1.22, .0427, .140, .389, .866",
        "512, .0464, .155, .455, 1.22, .0430, .141, .391, .869"
    })
    void driftDependsOnSizeOverTheRootOfDepth(ArgumentsAccessor row) {
        int layers = row.getInteger(0);
        double[] ratios = {.03, .1, .3, 1};
        for (int k = 0; k < ratios.length; k++) {
            assertThat(drift(layers, ratios[k] * Math.sqrt(layers), false))
                    .as("a draw for each layer at %s", ratios[k])
                    .isCloseTo(row.getDouble(1 + k), withinPercentage(15));
            assertThat(drift(layers, ratios[k], true))
                    .as("one draw at %s", ratios[k])
                    .isCloseTo(row.getDouble(5 + k), withinPercentage(15));
        }
    }

    private static double drift(int layers, double size, boolean tied) {
        Matrix matrix = Matrix.diagonal(1, .9, .8, .7, .6, .5, .4, .3);
        double sum = 0;
        int starts = 16;
        for (int start = 0; start < starts; start++) {
            double[] x = References.gaussianOnSphere(new Mersenne(start), 16, 8);
            DepthScaling scaling = new DepthScaling(new Head(matrix, matrix), x, 4, List.of(1.0, 1.0));
            double drift = scaling.drift(layers, size, tied, Math.max(8, 1600 / layers), start);
            sum += drift * drift / starts;
        }
        return Math.sqrt(sum);
    }
}
