package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * The mean field of {@link Euclidean} on Gaussian data (GAUSS): x' = V (m + S A' x), so m' = V (I + S A') m and
 * S' = V S A' S + S A S V'. The state is m [d], then S [d, d]. In one dimension S(t) = S0 / (1 - 2 V A S0 t), which ends
 * at 1 / (2 V A S0): a property of the model.
 */
public final class GaussianField implements Flow {
    /** The covariance ends where what is left, were it to go on as 1 / (end - t), is less than this share of t. */
    private static final double LEFT = 1e-9;

    /** Of slowed time; no covariance grows by more than e^8 in it. */
    private static final double STRETCH = 8;

    /** What grows to this without an end has none that could be told. */
    private static final double HUGE = 1e150;

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

    /**
     * The time at which the covariance is infinite: found in a time that slows down as it grows, so that the last steps are as
     * easy as the first.
     *
     * @param state mean and covariance at time 0
     * @return empty where there is no such time before {@code end}
     */
    public OptionalDouble blowUp(double[] state, double end) {
        Slowed slowed = new Slowed(this);
        double[] now = Arrays.copyOf(state, slowed.size());
        // The covariance does not depend on the mean, which may be infinite long before.
        Arrays.fill(now, 0, d, 0);
        while (now[size()] < end && spread(now) < HUGE) {
            now = Adaptive.REFERENCE.run(slowed, now, 0, STRETCH).last();
            double rate = rate(now);
            if (rate * now[size()] * LEFT > 1) {
                double time = now[size()] + 1 / rate;
                return time < end ? OptionalDouble.of(time) : OptionalDouble.empty();
            }
        }
        return OptionalDouble.empty();
    }

    /** |S|. */
    private double spread(double[] state) {
        double square = 0;
        for (int k = d; k < size(); k++) {
            square += state[k] * state[k];
        }
        return Math.sqrt(square);
    }

    /** |S|' / |S|; 0 for tokens that are all equal. */
    private double rate(double[] state) {
        double[] drift = new double[size()];
        drift(0, state, drift);
        double product = 0;
        double square = 0;
        for (int k = d; k < size(); k++) {
            product += state[k] * drift[k];
            square += state[k] * state[k];
        }
        return square == 0 ? 0 : product / square;
    }

    /** The field with dt = ds / (1 + |rate|); its last number is t. */
    private record Slowed(GaussianField field) implements Flow {
        @Override
        public int size() {
            return field.size() + 1;
        }

        @Override
        public void drift(double s, double[] state, double[] out) {
            field.drift(0, state, out);
            double pace = 1 / (1 + Math.abs(field.rate(state)));
            for (int k = 0; k < field.size(); k++) {
                out[k] *= pace;
            }
            out[field.size()] = pace;
        }
    }
}
