package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * A feed-forward layer after the attention: z_i' = W sigma(sum over heads and j of P_ij V (z_j - z_i)), P made of the z
 * themselves (MULTI; an open problem in theory, for simulation only). Unlike {@link Rescaled} this is no change of variables
 * of tokens that grow: the activation stands between.
 */
public final class FeedForward implements TokenFlow {
    private final int n;
    private final List<Head> heads;
    private final Matrix out;
    private final DoubleUnaryOperator activation;
    private final Interaction interaction;
    private final Attention attention;

    /**
     * @param out W, [d, d]
     * @param activation sigma, applied to each coordinate
     */
    public FeedForward(int n, List<Head> heads, Matrix out, DoubleUnaryOperator activation, Interaction interaction) {
        int d = heads.get(0).dimension();
        require(
                out.rows() == d && out.columns() == d,
                "the matrix after the activation must be %d x %d, found %d x %d",
                d,
                d,
                out.rows(),
                out.columns());
        this.n = n;
        this.heads = List.copyOf(heads);
        this.out = out;
        this.activation = activation;
        this.interaction = interaction;
        this.attention = interaction.attention(n, d);
    }

    @Override
    public int tokens() {
        return n;
    }

    @Override
    public int dimension() {
        return heads.get(0).dimension();
    }

    @Override
    public int size() {
        return n * dimension();
    }

    @Override
    public void drift(double t, double[] z, double[] result) {
        double[] distance = new double[z.length];
        double[] pulled = new double[z.length];
        double[] inner = new double[z.length];
        for (Head head : heads) {
            attention.mix(z, head.score(), interaction.factor(t, 0), z, distance);
            for (int i = 0; i < z.length; i++) {
                distance[i] -= z[i];
            }
            head.value().applyToRows(distance, n, pulled);
            for (int i = 0; i < z.length; i++) {
                inner[i] += pulled[i];
            }
        }
        for (int i = 0; i < z.length; i++) {
            inner[i] = activation.applyAsDouble(inner[i]);
        }
        out.applyToRows(inner, n, result);
    }

    @Override
    public Weighing weighing(double t, double[] z) {
        return Euclidean.weighing(attention, interaction, heads.get(0).score(), t, 0, z);
    }
}
