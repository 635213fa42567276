package dev.inlay.dynamics;

import java.util.Arrays;

/**
 * A base trajectory and its derivative in the direction of a change: (x, dx) with dx' the linearised flow plus the change
 * itself. x + eps dx is the trajectory under eps x change, exact to first order in eps. The state is x [n, d], then dx.
 *
 * @param n tokens
 * @param base A and V
 * @param score the change of A
 * @param value the change of V
 * @param spherical whether tokens move on the sphere, else in R^d
 */
public record Tangent(int n, Head base, Matrix score, Matrix value, double beta, boolean spherical) implements Flow {
    @Override
    public int size() {
        return 2 * n * base.dimension();
    }

    /** The state at time 0, from a start that does not change. */
    public double[] start(double[] x) {
        return Arrays.copyOf(x, size());
    }

    @Override
    public void drift(double t, double[] state, double[] out) {
        int d = base.dimension();
        double[] x = Arrays.copyOf(state, n * d);
        double[] dx = Arrays.copyOfRange(state, n * d, 2 * n * d);
        double[] values = rows(base.value(), x);
        double[] dvalues = plus(rows(base.value(), dx), rows(value, x));
        double[] keys = rows(base.score(), x);
        double[] dkeys = plus(rows(base.score(), dx), rows(score, x));
        double[] p = new double[n];
        double[] ds = new double[n];
        for (int i = 0; i < n; i++) {
            double mean = weights(x, dx, keys, dkeys, i, d, p, ds);
            for (int k = 0; k < d; k++) {
                double sum = 0;
                double dsum = 0;
                for (int j = 0; j < n; j++) {
                    sum += p[j] * values[j * d + k];
                    dsum += p[j] * ((ds[j] - mean) * values[j * d + k] + dvalues[j * d + k]);
                }
                out[i * d + k] = sum;
                out[(n + i) * d + k] = dsum;
            }
            if (spherical) {
                project(x, dx, out, i, d);
            }
        }
    }

    /** P_ij and the derivatives of the scores of row i; returns their mean. */
    private double weights(
            double[] x, double[] dx, double[] keys, double[] dkeys, int i, int d, double[] p, double[] ds) {
        double max = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < n; j++) {
            p[j] = beta * Geometry.dot(x, i, keys, j, d);
            ds[j] = beta * (Geometry.dot(dx, i, keys, j, d) + Geometry.dot(x, i, dkeys, j, d));
            max = Math.max(max, p[j]);
        }
        double sum = 0;
        for (int j = 0; j < n; j++) {
            p[j] = Math.exp(p[j] - max);
            sum += p[j];
        }
        double mean = 0;
        for (int j = 0; j < n; j++) {
            p[j] /= sum;
            mean += p[j] * ds[j];
        }
        return mean;
    }

    /** d(y - &lt;x,y&gt; x) = dy - &lt;x,dy&gt; x - &lt;dx,y&gt; x - &lt;x,y&gt; dx. */
    private void project(double[] x, double[] dx, double[] out, int i, int d) {
        double along = Geometry.dot(x, i, out, i, d);
        double dalong = Geometry.dot(x, i, out, n + i, d) + Geometry.dot(dx, i, out, i, d);
        for (int k = 0; k < d; k++) {
            out[i * d + k] -= along * x[i * d + k];
            out[(n + i) * d + k] -= dalong * x[i * d + k] + along * dx[i * d + k];
        }
    }

    private double[] rows(Matrix matrix, double[] x) {
        double[] out = new double[x.length];
        matrix.applyToRows(x, n, out);
        return out;
    }

    private static double[] plus(double[] x, double[] y) {
        for (int i = 0; i < x.length; i++) {
            x[i] += y[i];
        }
        return x;
    }
}
