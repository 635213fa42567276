package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.OptionalDouble;
import java.util.function.DoubleFunction;

/**
 * How a perturbed trajectory relates to the clusters of its base (arXiv 2402.15415v1): when it reaches them, leaves them,
 * and settles anew.
 *
 * @param n tokens
 * @param d dimension
 * @param clusters last positions of the base, [n, d]
 * @param delta distance within which a token belongs to a cluster
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
public record Paired(int n, int d, double[] clusters, double delta) {
    public Paired {
        require(delta > 0, "delta must be above 0, was %s", delta);
        require(
                clusters.length == n * d,
                "the last positions of the base are %d x %d numbers, found %d",
                n,
                d,
                clusters.length);
    }

    /**
     * Clustering and bifurcation.
     *
     * @param clustering first time at which every token is within delta of a last position of the base
     * @param bifurcation first later time at which one is not
     */
    public record Times(OptionalDouble clustering, OptionalDouble bifurcation) {}

    /** The distance of the token farthest from all clusters of the base. */
    public double distance(double[] z) {
        double farthest = 0;
        for (int i = 0; i < n; i++) {
            double nearest = Double.POSITIVE_INFINITY;
            for (int k = 0; k < n; k++) {
                nearest = Math.min(nearest, Geometry.squaredDistance(z, i, clusters, k, d));
            }
            farthest = Math.max(farthest, nearest);
        }
        return Math.sqrt(farthest);
    }

    /**
     * Finds both times on a path of positions.
     *
     * @throws dev.inlay.InlayException when delta is not below half the smallest distance of two clusters: no time would
     *     mean anything
     */
    public Times times(DoubleFunction<double[]> positions, Crossing crossing, double start, double end) {
        requireSeparation();
        OptionalDouble clustering = crossing.firstBelow(t -> distance(positions.apply(t)), delta, start, end);
        OptionalDouble bifurcation = clustering.isEmpty()
                ? OptionalDouble.empty()
                : crossing.firstAbove(t -> distance(positions.apply(t)), delta, clustering.getAsDouble(), end);
        return new Times(clustering, bifurcation);
    }

    /**
     * The same at the steps of a fixed scheme, without keeping a path.
     *
     * @param count most steps after the start
     */
    public Times times(TokenFlow flow, Scheme scheme, double[] x, double h, int count) {
        requireSeparation();
        double[] state = flow.start(x);
        OptionalDouble clustering = OptionalDouble.empty();
        for (int k = 0; k <= count; k++) {
            double t = k * h;
            double distance = distance(flow.positions(t, state));
            if (clustering.isEmpty() && distance < delta) {
                clustering = OptionalDouble.of(t);
            } else if (clustering.isPresent() && distance > delta) {
                return new Times(clustering, OptionalDouble.of(t));
            }
            scheme.advance(flow, t, h, state);
            Steps.requireFinite(state, t + h, k + 1L);
        }
        return new Times(clustering, OptionalDouble.empty());
    }

    /** T_2: the last time at which a token is farther than delta from its own last position. */
    public static OptionalDouble secondClustering(
            DoubleFunction<double[]> positions, double delta, int d, Crossing crossing, double start, double end) {
        double[] last = positions.apply(end);
        return crossing.lastAbove(t -> Geometry.largestDistance(positions.apply(t), last, d), delta, start, end);
    }

    /** Whether delta is below half the smallest distance of two clusters, so that a token belongs to one at most. */
    public boolean isSeparated() {
        return delta < separation() / 2;
    }

    private double separation() {
        return Geometry.separation(clusters, d, delta / 10);
    }

    private void requireSeparation() {
        require(
                isSeparated(),
                "delta %s is not below half the smallest distance %s of two clusters of the base; choose a smaller one",
                delta,
                separation());
    }
}
