package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.OptionalDouble;

/**
 * When clusters of V = I leave for others under V = diag(1, 1 - eps), A = I, in two dimensions: cluster a turns to b at
 * t_ab = ln[ v_a2 (v_a2 - v_b2) / (v_a1 (v_b1 - v_a1)) ] / (2 eps), so T_bif = C / eps. Derived for this library and checked
 * against runs; other V and A: {@link Tail}.
 */
public final class Bifurcation {
    private Bifurcation() {}

    /**
     * eps t_ab; 0 where a turns at once, empty where it never does.
     *
     * @param a vertex (v_a1, v_a2)
     * @param b another vertex
     */
    public static OptionalDouble scaledTime(double[] a, double[] b) {
        double hold = a[1] * (a[1] - b[1]);
        double pull = a[0] * (b[0] - a[0]);
        if (pull <= 0) {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(hold <= pull ? 0 : Math.log(hold / pull) / 2);
    }

    /**
     * C = min over pairs of eps t_ab; empty where no cluster ever leaves.
     *
     * @param positions of tokens or vertices, [n, 2]
     * @param same tokens closer than this are one vertex
     */
    public static OptionalDouble constant(double[] positions, double same) {
        require(positions.length % 2 == 0, "the closed form is for two dimensions, found %d numbers", positions.length);
        OptionalDouble least = OptionalDouble.empty();
        for (int i = 0; i < positions.length; i += 2) {
            for (int j = 0; j < positions.length; j += 2) {
                double[] a = {positions[i], positions[i + 1]};
                double[] b = {positions[j], positions[j + 1]};
                if (Math.hypot(a[0] - b[0], a[1] - b[1]) > same) {
                    OptionalDouble time = scaledTime(a, b);
                    if (time.isPresent() && time.getAsDouble() < least.orElse(Double.POSITIVE_INFINITY)) {
                        least = time;
                    }
                }
            }
        }
        return least;
    }

    /**
     * Upper bound of the time T_2(delta) from which on all tokens stay within delta of their last positions: ln(2 G2 / G1) /
     * (2g) + ln(D / delta) / lambda1, up to o(1).
     *
     * @param changed the changed head; A and V diagonal or symmetric with common eigenvectors
     * @param last positions at the end, [n, d]
     * @param diameter D of the start
     * @return empty where two last leaders have no gap in the leading coordinate, so that the bound says nothing
     */
    public static OptionalDouble secondClusteringBound(Head changed, double[] last, double diameter, double delta) {
        Spectrum spectrum = changed.value().spectrum();
        Matrix basis = spectrum.vectors();
        int d = changed.dimension();
        int n = last.length / d;
        double[] z = new double[last.length];
        basis.inverse().applyToRows(last, n, z);
        Matrix form = basis.transpose().times(changed.score()).times(basis);
        double leading = Double.POSITIVE_INFINITY;
        double trailing = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                if (Geometry.squaredDistance(z, i, z, j, d) > 1e-6 * diameter * diameter) {
                    double first = form.get(0, 0) * z[i * d] * (z[i * d] - z[j * d]);
                    leading = Math.min(leading, first);
                    trailing = Math.max(trailing, Math.abs(rest(form, z, i, j, d)));
                }
            }
        }
        double gap = spectrum.real(0) - (d > 1 ? spectrum.real(1) : 0);
        double settle = Math.log(diameter / delta) / spectrum.real(0);
        if (leading == Double.POSITIVE_INFINITY) {
            return OptionalDouble.of(settle);
        }
        return leading <= 0 || gap <= 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(Math.max(0, Math.log(2 * trailing / leading) / (2 * gap)) + settle);
    }

    /** The score gap of i over j in all coordinates but the first. */
    private static double rest(Matrix form, double[] z, int i, int j, int d) {
        double sum = 0;
        for (int k = 0; k < d; k++) {
            for (int l = 0; l < d; l++) {
                if (k > 0 || l > 0) {
                    sum += z[i * d + k] * form.get(k, l) * (z[i * d + l] - z[j * d + l]);
                }
            }
        }
        return sum;
    }
}
