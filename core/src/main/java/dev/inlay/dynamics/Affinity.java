package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.Arrays;

/**
 * How well tokens hang together: the graph whose edge between two tokens weighs exp(beta (cosine - 1)), scaled so that the
 * edges of each token sum to 1. That is Sinkhorn's doubly stochastic limit of the kernel (Sinkhorn and Knopp 1967), the reading
 * of attention in Sander, Ablin, Blondel and Peyre 2022 with queries equal to keys: a token with many near ones weighs
 * no more than one with few.
 *
 * @param beta inverse temperature, above 0 and finite
 */
public record Affinity(double beta) {
    /** Largest distance of a row's sum from 1. */
    private static final double TOLERANCE = 1e-12;

    /** An error that halves needs 40 steps from 1 to the tolerance. */
    private static final int MOST_STEPS = 1000;

    public Affinity {
        require(beta > 0 && Double.isFinite(beta), "beta must be above 0 and finite, was %s", beta);
    }

    /**
     * The algebraic connectivity of the scaled graph (Fiedler 1973): the second smallest eigenvalue of its Laplacian I - P, which
     * is 1 less the second largest eigenvalue of P. It lies in [0, 1]: 1 where all tokens are equal (every edge weighs 1 / n), 0
     * where they fall apart into groups without any edge between. Rounding moves it by about 1e-12.
     *
     * @return NaN where a token has no direction
     */
    public double fiedler(Cosines cosines) {
        for (int i = 0; i < cosines.tokens(); i++) {
            if (Double.isNaN(cosines.get(i, i))) {
                return Double.NaN;
            }
        }
        // P is positive semi-definite, because the kernel is a power series of the cosines: only rounding leaves the
        // range.
        return Math.min(1, Math.max(0, 1 - Tridiagonal.of(scaled(cosines)).eigenvalue(1)));
    }

    /**
     * The doubly stochastic P = D K D of the kernel K, symmetric to the last bit, [n, n].
     *
     * <p>Each step divides row and column of a token by the root of its sum (Knight, Ruiz and Ucar 2014), until each row sums to 1
     * within 1e-12. Near the limit a step multiplies the error by (I - P) / 2, and P has no eigenvalue below 0: it halves at
     * least. Sinkhorn's own iteration, rows and columns in turn, multiplies it by P squared (Knight 2008), which takes longest
     * where tokens fall apart.
     */
    Matrix scaled(Cosines cosines) {
        int n = cosines.tokens();
        double[] kernel = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                kernel[i * n + j] = Math.exp(beta * (cosines.get(i, j) - 1));
            }
        }
        double[] scale = new double[n];
        Arrays.fill(scale, 1);
        double off = Double.POSITIVE_INFINITY;
        for (int step = 0; off > TOLERANCE; step++) {
            require(step < MOST_STEPS, "the kernel of beta %s is %s from scaled after %d steps", beta, off, step);
            double[] sums = sums(kernel, scale);
            off = 0;
            for (int i = 0; i < n; i++) {
                off = Math.max(off, Math.abs(sums[i] - 1));
                scale[i] /= Math.sqrt(sums[i]);
            }
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                kernel[i * n + j] *= scale[i] * scale[j];
            }
        }
        return Matrix.of(n, n, kernel);
    }

    /** Of the rows of D K D. */
    private static double[] sums(double[] kernel, double[] scale) {
        int n = scale.length;
        double[] sums = new double[n];
        for (int i = 0; i < n; i++) {
            double sum = 0;
            for (int j = 0; j < n; j++) {
                sum += kernel[i * n + j] * scale[j];
            }
            sums[i] = scale[i] * sum;
        }
        return sums;
    }
}
