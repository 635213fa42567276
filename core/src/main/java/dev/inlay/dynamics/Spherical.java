package dev.inlay.dynamics;

import java.util.List;

/**
 * Tokens on the unit sphere: x_i' = P_x (sum over heads and j of P_ij V x_j), P_x y = y - &lt;x, y&gt; x (SA, and USA with
 * {@link Rule.Kernel}; arXiv 2312.10794, eqs. (SA), (USA)). With a mask it is the causal flow (arXiv 2411.04990).
 */
public final class Spherical implements TokenFlow {
    private final int n;
    private final int d;
    private final Weights weights;
    private final Interaction interaction;
    private final Attention attention;

    public Spherical(int n, int d, Weights weights, Interaction interaction) {
        this.n = n;
        this.d = d;
        this.weights = weights;
        this.interaction = interaction;
        this.attention = interaction.attention(n, d);
    }

    @Override
    public int tokens() {
        return n;
    }

    @Override
    public int dimension() {
        return d;
    }

    @Override
    public int size() {
        return n * d;
    }

    @Override
    public void drift(double t, double[] x, double[] out) {
        free(t, x, out);
        for (int i = 0; i < n; i++) {
            project(x, out, i * d, d);
        }
    }

    /** sum of P V x, before the projection. */
    @Override
    public void free(double t, double[] x, double[] out) {
        List<Head> heads = weights.at(t);
        Euclidean.attend(attention, heads, interaction.factor(t, 0), x, out);
    }

    /** y - &lt;x, y&gt; x for the d values from {@code at} on. */
    static void project(double[] x, double[] y, int at, int d) {
        double along = 0;
        for (int k = at; k < at + d; k++) {
            along += x[k] * y[k];
        }
        for (int k = at; k < at + d; k++) {
            y[k] -= along * x[k];
        }
    }

    /** Each token of length 1. */
    @Override
    public void restore(double[] x) {
        normalise(x, d);
    }

    static void normalise(double[] x, int d) {
        for (int at = 0; at + d <= x.length; at += d) {
            double square = 0;
            for (int k = at; k < at + d; k++) {
                square += x[k] * x[k];
            }
            double scale = 1 / Math.sqrt(square);
            for (int k = at; k < at + d; k++) {
                x[k] *= scale;
            }
        }
    }

    @Override
    public Weighing weighing(double t, double[] x) {
        return Euclidean.weighing(attention, interaction, weights.at(t).get(0).score(), t, 0, x);
    }
}
