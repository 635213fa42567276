package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.Arrays;

/**
 * The mean field of {@link Euclidean} on Gaussian data (GAUSS): x' = V (m + S A' x), so m' = V (I + S A') m and
 * S' = V S A' S + S A S V'. The state is m [d], then S [d, d]. In one dimension S(t) = S0 / (1 - 2 V A S0 t), which ends
 * at 1 / (2 V A S0): a property of the model.
 */
public final class GaussianField implements Flow {
    private final Head head;
    private final int d;

    public GaussianField(Head head) {
        this.head = head;
        this.d = head.dimension();
    }

    /** The state of mean m and covariance S. */
    public double[] state(double[] mean, Matrix covariance) {
        require(
                mean.length == d && covariance.rows() == d && covariance.isSymmetric(),
                "mean and covariance need %d values and a symmetric %d x %d matrix",
                d,
                d,
                d);
        double[] state = new double[size()];
        System.arraycopy(mean, 0, state, 0, d);
        System.arraycopy(covariance.values(), 0, state, d, d * d);
        return state;
    }

    @Override
    public int size() {
        return d + d * d;
    }

    @Override
    public void drift(double t, double[] state, double[] out) {
        double[] mean = Arrays.copyOf(state, d);
        Matrix covariance = Matrix.of(d, d, Arrays.copyOfRange(state, d, d + d * d));
        Matrix pull = covariance.times(head.score().transpose());
        double[] inner = pull.apply(mean);
        for (int k = 0; k < d; k++) {
            inner[k] += mean[k];
        }
        Matrix half = head.value().times(pull).times(covariance);
        System.arraycopy(head.value().apply(inner), 0, out, 0, d);
        System.arraycopy(half.plus(half.transpose()).values(), 0, out, d, d * d);
    }
}
