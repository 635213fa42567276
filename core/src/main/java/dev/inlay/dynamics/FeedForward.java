package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.function.DoubleUnaryOperator;

/**
 * Rescaled-type flow with a feed-forward layer after the attention: z_i' = W sigma(V sum_j P_ij (z_j - z_i)) (MULTI;
 * arXiv 2305.05465, section 7: an open problem, for simulation only).
 */
public final class FeedForward implements TokenFlow {
    private final int n;
    private final Head head;
    private final Matrix out;
    private final DoubleUnaryOperator activation;
    private final Interaction interaction;
    private final Attention attention;

    /**
     * @param out W, [d, d]
     * @param activation sigma, applied to each coordinate
     */
    public FeedForward(int n, Head head, Matrix out, DoubleUnaryOperator activation, Interaction interaction) {
        require(
                out.rows() == head.dimension() && out.columns() == head.dimension(),
                "the matrix after the activation must be %d x %d, found %d x %d",
                head.dimension(),
                head.dimension(),
                out.rows(),
                out.columns());
        this.n = n;
        this.head = head;
        this.out = out;
        this.activation = activation;
        this.interaction = interaction;
        this.attention = interaction.attention(n, head.dimension());
    }

    @Override
    public int tokens() {
        return n;
    }

    @Override
    public int dimension() {
        return head.dimension();
    }

    @Override
    public int size() {
        return n * dimension();
    }

    @Override
    public void drift(double t, double[] z, double[] result) {
        double[] mixed = new double[z.length];
        attention.mix(z, head.score(), interaction.factor(t, 0), z, mixed);
        for (int i = 0; i < z.length; i++) {
            mixed[i] -= z[i];
        }
        double[] inner = new double[z.length];
        head.value().applyToRows(mixed, n, inner);
        for (int i = 0; i < z.length; i++) {
            inner[i] = activation.applyAsDouble(inner[i]);
        }
        out.applyToRows(inner, n, result);
    }

    @Override
    public Weighing weighing(double t, double[] z) {
        return Euclidean.weighing(attention, interaction, head.score(), t, 0, z);
    }
}
