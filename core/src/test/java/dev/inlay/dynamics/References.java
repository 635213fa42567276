package dev.inlay.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/** Starts and settings that several reference tests share. */
final class References {
    /** Eight tokens in the plane. */
    static final double[] EIGHT = {1, 0, .2, .9, -.8, .5, -.6, -.7, .5, -.6, .1, .1, -.2, .4, .7, .6};

    private References() {}

    static Interaction plain() {
        return Interaction.softmax(1);
    }

    /** A = V = I. */
    static Rescaled rescaled(int n, int d) {
        return new Rescaled(n, Head.identity(d), plain());
    }

    static Rescaled rescaled(int n, Matrix score, Matrix value) {
        return new Rescaled(n, new Head(score, value), plain());
    }

    /** V = diag(1, 1 - eps). */
    static Head slowed(double eps) {
        return new Head(Matrix.identity(2), Matrix.diagonal(1, 1 - eps));
    }

    static double[] reference(TokenFlow flow, double[] x, double end) {
        return flow.positions(
                end, Adaptive.REFERENCE.run(flow, flow.start(x), 0, end).last());
    }

    static double[] uniform(long seed, int count) {
        return new Mersenne(seed).uniform(count, -1, 1);
    }

    static void assertToken(double[] x, int i, double first, double second, double tolerance) {
        assertThat(x[2 * i]).isCloseTo(first, within(tolerance));
        assertThat(x[2 * i + 1]).isCloseTo(second, within(tolerance));
    }

    static double[] gaussianOnSphere(Mersenne random, int n, int d) {
        double[] x = random.normal(n * d);
        Spherical.normalise(x, d);
        return x;
    }
}
