package dev.inlay.dynamics;

import java.util.List;

/**
 * Tokens that do not attend, x_i' = V x_i (with several heads V is their sum), seen as {@link Rescaled} sees them: z stands still, and what the attention
 * would be is safe at any time. With it the rank of P(t) alone is watched (arXiv 2305.05465, its low-rank figures).
 */
public final class Linear implements TokenFlow {
    private final Rescaled rescaled;

    public Linear(int n, List<Head> heads, Interaction interaction) {
        this.rescaled = new Rescaled(n, heads, interaction);
    }

    @Override
    public int tokens() {
        return rescaled.tokens();
    }

    @Override
    public int dimension() {
        return rescaled.dimension();
    }

    @Override
    public int size() {
        return rescaled.size();
    }

    @Override
    public double[] start(double[] x) {
        return rescaled.start(x);
    }

    /** z, [n, d]. */
    @Override
    public double[] positions(double t, double[] state) {
        return rescaled.positions(t, state);
    }

    @Override
    public void drift(double t, double[] state, double[] out) {
        rescaled.alone(state, out);
    }

    @Override
    public Weighing weighing(double t, double[] state) {
        return rescaled.weighing(t, state);
    }
}
