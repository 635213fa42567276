package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.Arrays;
import java.util.List;

/**
 * Rescaled tokens z_i = e^(-tV) x_i: z_i' = sum_j P_ij V (z_j - z_i), P that of x = e^(tV) z (RES; arXiv 2305.05465,
 * eq. (1.3)). With several heads (MULTI) V is their sum, the same change of variables gives z_i' = sum over heads and j of
 * P_ij e^(-tV) V_h e^(tV) (z_j - z_i), and V_h stands for itself where it commutes with V. Where a head carries a fast
 * direction into a slow one, z does grow without bound.
 *
 * <p>Where V has a basis of real eigenvectors the state holds coordinates in it. Along eigenvalues &gt;= 0 they are those of
 * z, which stay in their initial range; along negative ones z grows without bound and x decays, so they are those of x.
 * Scores are made of w = e^(-lambda t) x, lambda the largest real part, and the factor e^(2 lambda t) is only ever an
 * exponent: any t is safe. Where V has no such basis the state is z, and one matrix exponential per evaluation gives w.
 */
public final class Rescaled implements TokenFlow {
    /** Relative to the norms of the factors of a product. */
    private static final double ROUNDING = 1e-12;

    private final int n;
    private final int d;
    private final Interaction interaction;
    private final Attention attention;
    private final Basis basis;

    /** In the coordinates of the basis. */
    private final List<Head> heads;

    /** Coordinates in which V is easy. */
    private sealed interface Basis permits Eigenbasis, General {
        double leading();

        Matrix score(Matrix original);

        /** V of one head of several. */
        Matrix value(Matrix original);

        /** V of all heads together. */
        Matrix whole();

        void grow(double t, double[] state, int n, double[] w);

        /** The drift of a state in which every token attends to itself alone. */
        void alone(double[] state, int n, double[] out);

        /** What a head of this value moves where it sees another token at this distance; added to out. */
        void pull(double t, Matrix value, double[] distance, int n, double[] out);

        double[] state(double[] x, int n);

        double[] positions(double t, double[] state, int n);
    }

    public Rescaled(int n, List<Head> heads, Interaction interaction) {
        require(
                !(interaction.rule() instanceof Rule.Kernel),
                "rescaled tokens need weights that sum to 1; use softmax, hardmax or sinkhorn");
        Matrix value = heads.stream().map(Head::value).reduce(Matrix::plus).orElseThrow();
        this.n = n;
        this.d = value.rows();
        this.interaction = interaction;
        this.attention = interaction.attention(n, d);
        this.basis = basis(value);
        this.heads = heads.stream()
                .map(head -> new Head(
                        basis.score(head.score()), heads.size() == 1 ? basis.whole() : basis.value(head.value())))
                .toList();
    }

    public Rescaled(int n, Head head, Interaction interaction) {
        this(n, List.of(head), interaction);
    }

    private static Basis basis(Matrix value) {
        int d = value.rows();
        if (value.isDiagonal()) {
            return new Eigenbasis(value.diagonal(), Matrix.identity(d), Matrix.identity(d));
        }
        Spectrum spectrum = value.spectrum();
        if (!spectrum.isDiagonalisable()) {
            return General.of(value);
        }
        double[] values = new double[d];
        Arrays.setAll(values, spectrum::real);
        return new Eigenbasis(values, spectrum.vectors(), spectrum.vectors().inverse());
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
        Attention.Factor factor = interaction.factor(t, 2 * basis.leading() * t);
        alone(state, out);
        double[] distance = new double[state.length];
        for (Head head : heads) {
            attention.mix(w, head.score(), factor, state, distance);
            for (int i = 0; i < state.length; i++) {
                distance[i] -= state[i];
            }
            basis.pull(t, head.value(), distance, n, out);
        }
    }

    /** The drift where every token attends to itself alone: z stands still. */
    void alone(double[] state, double[] out) {
        basis.alone(state, n, out);
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
        return Euclidean.weighing(attention, interaction, heads.get(0).score(), t, 2 * basis.leading() * t, w);
    }

    private static void add(Matrix value, double[] distance, int n, double[] out) {
        double[] pulled = new double[out.length];
        value.applyToRows(distance, n, pulled);
        for (int i = 0; i < out.length; i++) {
            out[i] += pulled[i];
        }
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

        /** Entries that are no more than the rounding of the product are 0: they would grow with time. */
        @Override
        public Matrix value(Matrix original) {
            if (vectors.isIdentity()) {
                return original;
            }
            double[] entries = inverse.times(original).times(vectors).values();
            double least = ROUNDING * inverse.frobenius() * original.frobenius() * vectors.frobenius();
            for (int at = 0; at < entries.length; at++) {
                entries[at] = Math.abs(entries[at]) <= least ? 0 : entries[at];
            }
            return Matrix.of(values.length, values.length, entries);
        }

        @Override
        public Matrix whole() {
            return Matrix.diagonal(values);
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

        /** Along negative eigenvalues the state is x, which decays; z stands still along the others. */
        @Override
        public void alone(double[] state, int n, double[] out) {
            int d = values.length;
            for (int k = 0; k < d; k++) {
                double rate = Math.min(0, values[k]);
                for (int i = 0; i < n; i++) {
                    out[i * d + k] = rate * state[i * d + k];
                }
            }
        }

        @Override
        public void pull(double t, Matrix value, double[] distance, int n, double[] out) {
            int d = values.length;
            if (value.isDiagonal()) {
                double[] rates = value.diagonal();
                for (int i = 0; i < out.length; i++) {
                    out[i] += rates[i % d] * distance[i];
                }
                return;
            }
            double[] carried = value.values();
            for (int at = 0; at < carried.length; at++) {
                // 0 times the infinity of a long time is nothing that is carried.
                carried[at] *= carried[at] == 0
                        ? 1
                        : Math.exp(t * (Math.max(0, values[at % d]) - Math.max(0, values[at / d])));
            }
            add(Matrix.of(d, d, carried), distance, n, out);
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
        public Matrix value(Matrix original) {
            return original;
        }

        @Override
        public Matrix whole() {
            return value;
        }

        @Override
        public void grow(double t, double[] state, int n, double[] w) {
            growth.apply(t, state, n, w);
        }

        @Override
        public void alone(double[] state, int n, double[] out) {
            Arrays.fill(out, 0);
        }

        @Override
        public void pull(double t, Matrix head, double[] distance, int n, double[] out) {
            add(
                    commutes(head)
                            ? head
                            : value.times(-t)
                                    .exp()
                                    .times(head)
                                    .times(value.times(t).exp()),
                    distance,
                    n,
                    out);
        }

        private boolean commutes(Matrix head) {
            return head.equals(value)
                    || value.times(head).minus(head.times(value)).frobenius()
                            <= ROUNDING * value.frobenius() * head.frobenius();
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
