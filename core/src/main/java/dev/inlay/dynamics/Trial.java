package dev.inlay.dynamics;

/**
 * A run that statements are held against.
 *
 * @param flow what ran
 * @param head its head
 * @param beta inverse temperature
 * @param path states of the flow
 */
public record Trial(TokenFlow flow, Head head, double beta, Path path) {
    int tokens() {
        return flow.tokens();
    }

    int dimension() {
        return flow.dimension();
    }

    /** Positions at a time, [n, d]. */
    double[] at(double t) {
        return flow.positions(t, path.at(t));
    }

    double[] first() {
        return at(path.start());
    }

    double[] last() {
        return at(path.end());
    }

    /** A time of {@code count} equal parts of the run. */
    double time(int k, int count) {
        return path.start() + (path.end() - path.start()) * k / count;
    }

    /** Size that rounding and tolerances are measured by. */
    double scale() {
        return Geometry.largestNorm(first(), dimension());
    }
}
