package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.Arrays;

/** Tokens at one depth of a model, [n, d], and how they compare with those of another depth or model. */
public final class States {
    /** Of the mean's length; float32 states that are equal but for rounding differ by less. */
    private static final double ROUNDING = 1e-5;

    private States() {}

    /**
     * Less their mean. A token that is the mean but for the rounding of float32 becomes exactly 0: what is left of it has no
     * direction.
     */
    public static double[] centred(double[] x, int d) {
        int n = x.length / d;
        double[] mean = new double[d];
        for (int i = 0; i < x.length; i++) {
            mean[i % d] += x[i] / n;
        }
        double[] centred = x.clone();
        for (int i = 0; i < x.length; i++) {
            centred[i] -= mean[i % d];
        }
        double least = ROUNDING * Geometry.norm(mean, 0, d);
        for (int i = 0; i < n; i++) {
            if (Geometry.norm(centred, i, d) <= least) {
                Arrays.fill(centred, i * d, (i + 1) * d, 0);
            }
        }
        return centred;
    }

    /** Each of length 1; a token of length 0 stays. */
    public static double[] unit(double[] x, int d) {
        double[] unit = x.clone();
        for (int i = 0; i * d < x.length; i++) {
            double norm = Geometry.norm(x, i, d);
            for (int k = 0; k < d && norm > 0; k++) {
                unit[i * d + k] /= norm;
            }
        }
        return unit;
    }

    /**
     * Lengths of the chords between the tokens on the sphere, [n, n]: the root of 2 (1 - cosine), but exactly 0 between equal
     * tokens and without the cancellation near it. Unlike 1 - cosine a chord is a metric. A token of length 0 is 1 away from
     * all that have a direction.
     */
    public static Matrix chords(double[] x, int d) {
        double[] unit = unit(x, d);
        int n = x.length / d;
        double[] chords = new double[Math.multiplyExact(n, n)];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                double chord = Math.sqrt(Geometry.squaredDistance(unit, i, unit, j, d));
                chords[i * n + j] = chord;
                chords[j * n + i] = chord;
            }
        }
        return Matrix.of(n, n, chords);
    }

    /**
     * Linear centred kernel alignment, |X'Y|^2 / (|X'X| |Y'Y|) of centred states (Kornblith et al. 2019, equation 3): 1
     * where one is a rotated, scaled copy of the other; NaN where all tokens of one are equal.
     *
     * @param y [n, d], the same tokens
     */
    public static double alignment(double[] x, double[] y, int d) {
        requireSame(x, y);
        double[] a = centred(x, d);
        double[] b = centred(y, d);
        double cross = 0;
        double first = 0;
        double second = 0;
        int n = x.length / d;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double p = Geometry.dot(a, i, a, j, d);
                double q = Geometry.dot(b, i, b, j, d);
                double times = i == j ? 1 : 2;
                cross += times * p * q;
                first += times * p * p;
                second += times * q * q;
            }
        }
        return cross / Math.sqrt(first * second);
    }

    /** |y_i - x_i| / |x_i| of each token. */
    public static double[] drift(double[] x, double[] y, int d) {
        requireSame(x, y);
        double[] drift = new double[x.length / d];
        Arrays.setAll(drift, i -> Math.sqrt(Geometry.squaredDistance(x, i, y, i, d)) / Geometry.norm(x, i, d));
        return drift;
    }

    private static void requireSame(double[] x, double[] y) {
        require(x.length == y.length, "both need equally many values, found %d and %d", x.length, y.length);
    }
}
