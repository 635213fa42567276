package dev.inlay.dynamics;

import java.util.Arrays;

/**
 * e^(tV) = e^(lambda t) W(t), where lambda is the largest real part of V's eigenvalues: the factor that grows is only ever
 * an exponent, W(t) stays of moderate size.
 */
abstract sealed class Growth {
    private final double leading;

    private Growth(double leading) {
        this.leading = leading;
    }

    static Growth of(Matrix value) {
        if (value.isScalar()) {
            return new Scalar(value.get(0, 0));
        }
        if (value.isDiagonal()) {
            return new Diagonal(value.diagonal());
        }
        Spectrum spectrum = value.spectrum();
        return spectrum.isDiagonalisable() ? new Diagonalised(spectrum) : new General(value, spectrum.real(0));
    }

    /** lambda. */
    double leading() {
        return leading;
    }

    /** w_i = W(t) z_i for n tokens, [n, d]. */
    abstract void apply(double t, double[] z, int n, double[] w);

    private static final class Scalar extends Growth {
        Scalar(double value) {
            super(value);
        }

        @Override
        void apply(double t, double[] z, int n, double[] w) {
            System.arraycopy(z, 0, w, 0, z.length);
        }
    }

    private static final class Diagonal extends Growth {
        private final double[] entries;

        Diagonal(double[] entries) {
            super(Arrays.stream(entries).max().orElseThrow());
            this.entries = entries;
        }

        @Override
        void apply(double t, double[] z, int n, double[] w) {
            int d = entries.length;
            double[] factors = new double[d];
            for (int k = 0; k < d; k++) {
                factors[k] = Math.exp(t * (entries[k] - leading()));
            }
            for (int i = 0; i < n; i++) {
                for (int k = 0; k < d; k++) {
                    w[i * d + k] = factors[k] * z[i * d + k];
                }
            }
        }
    }

    private static final class Diagonalised extends Growth {
        private final Matrix vectors;
        private final Matrix inverse;
        private final double[] exponents;

        Diagonalised(Spectrum spectrum) {
            super(spectrum.real(0));
            vectors = spectrum.vectors();
            inverse = vectors.inverse();
            exponents = new double[spectrum.size()];
            Arrays.setAll(exponents, k -> spectrum.real(k) - leading());
        }

        @Override
        void apply(double t, double[] z, int n, double[] w) {
            double[] factors =
                    Arrays.stream(exponents).map(each -> Math.exp(t * each)).toArray();
            vectors.times(Matrix.diagonal(factors)).times(inverse).applyToRows(z, n, w);
        }
    }

    private static final class General extends Growth {
        private final Matrix shifted;

        General(Matrix value, double leading) {
            super(leading);
            shifted = value.minus(Matrix.identity(value.rows()).times(leading));
        }

        @Override
        void apply(double t, double[] z, int n, double[] w) {
            shifted.times(t).exp().applyToRows(z, n, w);
        }
    }
}
