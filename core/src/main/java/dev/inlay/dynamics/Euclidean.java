package dev.inlay.dynamics;

import java.util.List;

/**
 * Tokens in R^d: x_i' = sum over heads and j of P_ij V x_j (EUC; arXiv 2305.05465, eq. (1.1)); several heads add (MULTI).
 *
 * <p>With a rate lambda the state is y = e^(-lambda t) x, y' = ... - lambda y: the growth of long times is an exponent of
 * the scores and never a number. With lambda = 0 the state is x itself.
 */
public final class Euclidean implements TokenFlow {
    private final int n;
    private final int d;
    private final Weights weights;
    private final Interaction interaction;
    private final Attention attention;
    private final double rate;

    /** @param rate lambda, at most the growth rate of the fastest token: the largest real part of V's eigenvalues */
    public Euclidean(int n, int d, Weights weights, Interaction interaction, double rate) {
        this.n = n;
        this.d = d;
        this.weights = weights;
        this.interaction = interaction;
        this.attention = interaction.attention(n, d);
        this.rate = rate;
    }

    public Euclidean(int n, int d, Weights weights, Interaction interaction) {
        this(n, d, weights, interaction, 0);
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
    public void drift(double t, double[] y, double[] out) {
        attend(attention, weights.at(t), interaction.factor(t, 2 * rate * t), y, out);
        if (rate != 0) {
            for (int i = 0; i < out.length; i++) {
                out[i] -= rate * y[i];
            }
        }
    }

    /** sum over heads of P V x, [n, d]. */
    static void attend(Attention attention, List<Head> heads, Attention.Factor factor, double[] x, double[] out) {
        double[] values = new double[x.length];
        double[] part = heads.size() == 1 ? out : new double[x.length];
        int n = x.length / heads.get(0).dimension();
        for (int h = 0; h < heads.size(); h++) {
            Head head = heads.get(h);
            double[] mixed = x;
            if (!head.value().isIdentity()) {
                head.value().applyToRows(x, n, values);
                mixed = values;
            }
            attention.mix(x, head.score(), factor, mixed, part);
            if (heads.size() > 1) {
                for (int i = 0; i < out.length; i++) {
                    out[i] = h == 0 ? part[i] : out[i] + part[i];
                }
            }
        }
    }

    /** x, which may be infinite where the state is not. */
    @Override
    public double[] positions(double t, double[] y) {
        double[] x = y.clone();
        if (rate != 0) {
            double growth = Math.exp(rate * t);
            for (int i = 0; i < x.length; i++) {
                x[i] *= growth;
            }
        }
        return x;
    }

    @Override
    public Weighing weighing(double t, double[] y) {
        return weighing(attention, interaction, weights.at(t).get(0).score(), t, 2 * rate * t, y);
    }

    static Weighing weighing(
            Attention attention, Interaction interaction, Matrix score, double t, double growth, double[] w) {
        Attention.Factor factor = interaction.factor(t, growth);
        int n = w.length / score.rows();
        return new Weighing(
                n,
                attention.weights(w, score, factor),
                attention.scores(w, score),
                factor.log(),
                factor.sign(),
                interaction.causal());
    }
}
