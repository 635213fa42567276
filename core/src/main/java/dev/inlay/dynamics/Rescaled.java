package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.Arrays;
import java.util.function.DoubleFunction;

/**
 * Rescaled tokens z_i = e^(-tV) x_i: z_i' = sum_j P_ij V (z_j - z_i), P that of x = e^(tV) z (RES; arXiv 2305.05465,
 * eq. (1.3)).
 *
 * <p>Where V has a basis of real eigenvectors the state holds coordinates in it. Along eigenvalues &gt;= 0 they are those of
 * z, which stay in their initial range; along negative ones z grows without bound and x decays, so they are those of x.
 * Scores are made of w = e^(-lambda t) x, lambda the largest real part, and the factor e^(2 lambda t) is only ever an
 * exponent: any t is safe. Where V has no such basis the state is z, and one matrix exponential per evaluation gives w.
 */
public final class Rescaled implements TokenFlow {
    private final int n;
    private final int d;
    private final DoubleFunction<Matrix> score;
    private final Interaction interaction;
    private final Attention attention;
    private final Basis basis;
    private volatile Form form;

    /** A, and A in the coordinates of the basis. */
    private record Form(Matrix original, Matrix inBasis) {}

    /** Coordinates in which V is easy. */
    private sealed interface Basis permits Eigenbasis, General {
        double leading();

        Matrix score(Matrix original);

        void grow(double t, double[] state, int n, double[] w);

        void finish(double[] state, double[] mixed, int n, double[] out);

        double[] state(double[] x, int n);

        double[] positions(double t, double[] state, int n);
    }

    /** @param score A at each time */
    public Rescaled(int n, Matrix value, DoubleFunction<Matrix> score, Interaction interaction) {
        require(
                !(interaction.rule() instanceof Rule.Kernel),
                "rescaled tokens need weights that sum to 1; use softmax, hardmax or sinkhorn");
        this.n = n;
        this.d = value.rows();
        this.interaction = interaction;
        this.attention = interaction.attention(n, d);
        Basis found = General.of(value);
        if (value.isDiagonal()) {
            found = new Eigenbasis(value.diagonal(), Matrix.identity(d), Matrix.identity(d));
        } else {
            Spectrum spectrum = value.spectrum();
            if (spectrum.isDiagonalisable()) {
                double[] values = new double[d];
                Arrays.setAll(values, spectrum::real);
                found = new Eigenbasis(
                        values, spectrum.vectors(), spectrum.vectors().inverse());
            }
        }
        this.basis = found;
        this.score = score;
        Matrix first = score.apply(0);
        this.form = new Form(first, basis.score(first));
    }

    public Rescaled(int n, Head head, Interaction interaction) {
        this(n, head.value(), t -> head.score(), interaction);
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
    public void drift(double t, double[] state, double[] out) {
        double[] w = new double[state.length];
        basis.grow(t, state, n, w);
        double[] mixed = new double[state.length];
        attention.mix(w, scoreAt(t), interaction.factor(t, 2 * basis.leading() * t), state, mixed);
        basis.finish(state, mixed, n, out);
    }

    /** The drift where every token attends to itself alone: z stands still. */
    void alone(double[] state, double[] out) {
        basis.finish(state, state, n, out);
    }

    // The score form in the basis is made once for each A, not at each evaluation.
    private Matrix scoreAt(double t) {
        Matrix original = score.apply(t);
        Form known = form;
        if (!known.original.equals(original)) {
            known = new Form(original, basis.score(original));
            form = known;
        }
        return known.inBasis;
    }

    @Override
    public double[] start(double[] x) {
        return basis.state(x, n);
    }

    /** z, [n, d]; infinite along negative eigenvalues when t is large. */
    @Override
    public double[] positions(double t, double[] state) {
        return basis.positions(t, state, n);
    }

    @Override
    public Weighing weighing(double t, double[] state) {
        double[] w = new double[state.length];
        basis.grow(t, state, n, w);
        return Euclidean.weighing(attention, interaction, scoreAt(t), t, 2 * basis.leading() * t, w);
    }

    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    private record Eigenbasis(double[] values, Matrix vectors, Matrix inverse) implements Basis {
        @Override
        public double leading() {
            // Never negative: w must not grow where all of x decays.
            double leading = 0;
            for (double value : values) {
                leading = Math.max(leading, value);
            }
            return leading;
        }

        @Override
        public Matrix score(Matrix original) {
            return vectors.isIdentity()
                    ? original
                    : vectors.transpose().times(original).times(vectors);
        }

        @Override
        public void grow(double t, double[] state, int n, double[] w) {
            int d = values.length;
            double leading = leading();
            for (int k = 0; k < d; k++) {
                double factor = Math.exp(t * (Math.max(0, values[k]) - leading));
                for (int i = 0; i < n; i++) {
                    w[i * d + k] = factor * state[i * d + k];
                }
            }
        }

        @Override
        public void finish(double[] state, double[] mixed, int n, double[] out) {
            int d = values.length;
            for (int i = 0; i < n; i++) {
                for (int k = 0; k < d; k++) {
                    int at = i * d + k;
                    out[at] = values[k] * (values[k] < 0 ? mixed[at] : mixed[at] - state[at]);
                }
            }
        }

        @Override
        public double[] state(double[] x, int n) {
            if (inverse.isIdentity()) {
                return x.clone();
            }
            double[] state = new double[x.length];
            inverse.applyToRows(x, n, state);
            return state;
        }

        @Override
        public double[] positions(double t, double[] state, int n) {
            int d = values.length;
            double[] coordinates = state.clone();
            for (int k = 0; k < d; k++) {
                if (values[k] < 0) {
                    double factor = Math.exp(-t * values[k]);
                    for (int i = 0; i < n; i++) {
                        coordinates[i * d + k] *= factor;
                    }
                }
            }
            if (vectors.isIdentity()) {
                return coordinates;
            }
            double[] z = new double[state.length];
            vectors.applyToRows(coordinates, n, z);
            return z;
        }
    }

    private record General(Matrix value, Growth growth) implements Basis {
        static General of(Matrix value) {
            return new General(value, Growth.of(value));
        }

        @Override
        public double leading() {
            return growth.leading();
        }

        @Override
        public Matrix score(Matrix original) {
            return original;
        }

        @Override
        public void grow(double t, double[] state, int n, double[] w) {
            growth.apply(t, state, n, w);
        }

        @Override
        public void finish(double[] state, double[] mixed, int n, double[] out) {
            double[] difference = new double[state.length];
            for (int i = 0; i < state.length; i++) {
                difference[i] = mixed[i] - state[i];
            }
            value.applyToRows(difference, n, out);
        }

        @Override
        public double[] state(double[] x, int n) {
            return x.clone();
        }

        @Override
        public double[] positions(double t, double[] state, int n) {
            return state.clone();
        }
    }
}
