package dev.inlay.dynamics;

import static dev.inlay.dynamics.References.plain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Several heads add (MULTI). */
class SeveralHeadsTest {
    private static final int N = 6;
    private static final int D = 3;
    private static final double[] X = References.uniform(11, N * D);

    /** A diagonal V, one with real eigenvectors, one that turns, and one that has no basis of eigenvectors. */
    private static final List<Matrix> VALUES = List.of(
            Matrix.diagonal(1, .5, -.3),
            Matrix.of(new double[][] {{.5, .2, .1}, {.1, .4, .3}, {.2, .1, -.3}}),
            Matrix.of(new double[][] {{.5, .4, 0}, {-.4, .5, 0}, {0, 0, .2}}),
            Matrix.of(new double[][] {{.5, 1, 0}, {0, .5, 0}, {0, 0, .2}}));

    private static List<Head> drawn(int count) {
        Mersenne random = new Mersenne(7);
        return IntStream.range(0, count)
                .mapToObj(h -> new Head(
                        Matrix.of(D, D, random.normal(D * D)),
                        Matrix.of(D, D, random.normal(D * D)).times(.3)))
                .toList();
    }

    static Stream<Function<List<Head>, TokenFlow>> flows() {
        return Stream.of(
                heads -> new Euclidean(N, D, Weights.tied(heads), plain()),
                heads -> new Spherical(N, D, Weights.tied(heads), plain()),
                heads -> new Spherical(
                        N, D, Weights.tied(heads), plain().masked().with(new Rule.Sinkhorn(3))),
                heads -> new Rescaled(N, heads, plain()),
                heads -> new Linear(N, heads, plain()),
                heads -> new FeedForward(N, heads, Matrix.diagonal(1, -1, .5), Math::tanh, plain()));
    }

    @ParameterizedTest
    @MethodSource("flows")
    void equalHeadsWithPartsOfVAreOneHead(Function<List<Head>, TokenFlow> flow) {
        for (Matrix value : VALUES) {
            Matrix score = drawn(1).get(0).score();
            double[] one = end(flow.apply(List.of(new Head(score, value))), 3);
            double[] four = end(flow.apply(Collections.nCopies(4, new Head(score, value.times(.25)))), 3);
            assertThat(four).containsExactly(one, within(1e-9));
        }
    }

    @ParameterizedTest
    @MethodSource("flows")
    void aHeadWithoutValueChangesNothing(Function<List<Head>, TokenFlow> flow) {
        List<Head> heads = drawn(2);
        List<Head> more = new ArrayList<>(heads);
        more.add(new Head(Matrix.diagonal(3, 1, 2), Matrix.zero(D, D)));
        assertThat(drift(flow.apply(more))).isEqualTo(drift(flow.apply(heads)));
    }

    @ParameterizedTest
    @MethodSource("flows")
    void theOrderOfHeadsChangesNothing(Function<List<Head>, TokenFlow> flow) {
        List<Head> heads = drawn(3);
        List<Head> turned = List.of(heads.get(2), heads.get(0), heads.get(1));
        assertThat(drift(flow.apply(turned))).containsExactly(drift(flow.apply(heads)), within(1e-12));
    }

    /** The change of variables is exact for heads that do not commute with their sum. */
    @Test
    void rescaledTokensAreTokensOfSpaceSeenFromTheirGrowth() {
        for (Matrix value : VALUES) {
            List<Head> heads = new ArrayList<>(drawn(2));
            Matrix sum = heads.get(0).value().plus(heads.get(1).value());
            heads.add(new Head(Matrix.diagonal(1, .5, 2), value.minus(sum)));
            double t = 1.5;
            double[] x = end(new Euclidean(N, D, Weights.tied(heads), plain()), t);
            double[] z = end(new Rescaled(N, heads, plain()), t);
            double[] grown = new double[z.length];
            value.times(t).exp().applyToRows(z, N, grown);
            assertThat(grown).containsExactly(x, within(1e-8));
        }
    }

    /** Rounding in V_h = V / H must not be carried into what grows: no time may bring it out. */
    @Test
    void equalHeadsAreSafeAtAnyTime() {
        Matrix value = VALUES.get(1);
        Head part = new Head(Matrix.identity(D), value.times(1.0 / 3));
        Rescaled three = new Rescaled(N, Collections.nCopies(3, part), plain());
        Rescaled one = new Rescaled(N, new Head(Matrix.identity(D), value), plain());
        double[] first = new double[N * D];
        double[] second = new double[N * D];
        one.drift(1e4, one.start(X), first);
        three.drift(1e4, three.start(X), second);
        assertThat(second).containsExactly(first, within(1e-12));
    }

    @Test
    void aFeedForwardLayerThatDoesNothingLeavesTheSumOverHeads() {
        List<Head> heads = drawn(3);
        Matrix sum = heads.stream().map(Head::value).reduce(Matrix::plus).orElseThrow();
        double[] attention = drift(new Euclidean(N, D, Weights.tied(heads), plain()));
        double[] own = new double[N * D];
        sum.applyToRows(X, N, own);
        double[] layer = drift(new FeedForward(N, heads, Matrix.identity(D), x -> x, plain()));
        for (int i = 0; i < own.length; i++) {
            assertThat(layer[i]).isCloseTo(attention[i] - own[i], within(1e-13));
        }
    }

    @Test
    void boundsOfSeveralHeadsAreNeverViolated() {
        for (int trial = 0; trial < 60; trial++) {
            Mersenne random = Mersenne.ofRun(41, trial);
            List<Head> base = new ArrayList<>();
            List<Head> changed = new ArrayList<>();
            for (int h = 0; h < 1 + trial % 3; h++) {
                Head head = new Head(unit(random), unit(random));
                base.add(head);
                changed.add(Perturbation.ofValue(
                                LowRankChange.gaussian(D, 1, 1, random).withNorm(.01))
                        .apply(Perturbation.ofScore(
                                        LowRankChange.gaussian(D, 1, 1, random).withNorm(.01))
                                .apply(head)));
            }
            boolean sphere = trial % 2 == 0;
            TokenFlow first = flow(base, sphere);
            TokenFlow second = flow(changed, sphere);
            double[] start = first.start(random.uniform(N * D, -.7, .7));
            Path x = Steps.run(first, new Scheme.RungeKutta(), start, 0, .02, 25);
            Path y = Steps.run(second, new Scheme.RungeKutta(), start, 0, .02, 25);
            Bounds bounds = new Bounds(base, changed, Geometry.largestNorm(start, D));
            double[] times =
                    IntStream.rangeClosed(0, 25).mapToDouble(k -> k * .02).toArray();
            double[] measured = new MeasuredBound(base, changed, sphere, 1).logs(x, y, times);
            for (int k = 1; k <= 25; k++) {
                double apart = Math.log(Geometry.largestDistance(x.at(times[k]), y.at(times[k]), D));
                double prior = sphere ? bounds.logSpherical(times[k]) : bounds.logEuclidean(times[k], 0);
                assertThat(apart).as("trial %d at %s", trial, times[k]).isLessThanOrEqualTo(prior);
                assertThat(apart).as("trial %d at %s", trial, times[k]).isLessThanOrEqualTo(measured[k]);
            }
        }
    }

    @Test
    void theTangentOfAHeadIsThatOfItsParts() {
        Head head = drawn(1).get(0);
        Head change = drawn(2).get(1);
        for (boolean sphere : new boolean[] {false, true}) {
            double[] start = flow(List.of(head), sphere).start(X);
            Tangent one = new Tangent(N, List.of(head), List.of(change), 1, sphere);
            Tangent two =
                    new Tangent(N, List.of(half(head), half(head)), List.of(half(change), half(change)), 1, sphere);
            double[] first = Adaptive.REFERENCE.run(one, one.start(start), 0, 1).last();
            double[] second =
                    Adaptive.REFERENCE.run(two, two.start(start), 0, 1).last();
            assertThat(second).containsExactly(first, within(1e-9));
        }
    }

    private static Head half(Head head) {
        return new Head(head.score(), head.value().times(.5));
    }

    private static TokenFlow flow(List<Head> heads, boolean sphere) {
        return sphere
                ? new Spherical(N, D, Weights.tied(heads), plain())
                : new Euclidean(N, D, Weights.tied(heads), plain());
    }

    private static Matrix unit(Mersenne random) {
        Matrix matrix = Matrix.of(D, D, random.normal(D * D));
        return matrix.times(1 / matrix.norm());
    }

    private static double[] drift(TokenFlow flow) {
        double[] drift = new double[flow.size()];
        flow.drift(.7, flow.start(X), drift);
        return drift;
    }

    private static double[] end(TokenFlow flow, double end) {
        return References.reference(flow, X, end);
    }
}
