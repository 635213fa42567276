package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.Arrays;
import java.util.List;

/**
 * A base trajectory and its derivative in the direction of a change: (x, dx) with dx' the linearised flow plus the change
 * itself. x + eps dx is the trajectory under eps x change, exact to first order in eps. The state is x [n, d], then dx.
 *
 * @param n tokens
 * @param base A and V of each head
 * @param change the change of A and of V of each head
 * @param spherical whether tokens move on the sphere, else in R^d
 */
public record Tangent(int n, List<Head> base, List<Head> change, double beta, boolean spherical) implements Flow {
    public Tangent {
        require(
                base.size() == change.size(),
                "there is a change for each head, found %d for %d",
                change.size(),
                base.size());
    }

    private int dimension() {
        return base.get(0).dimension();
    }

    @Override
    public int size() {
        return 2 * n * dimension();
    }

    /** The state at time 0, from a start that does not change. */
    public double[] start(double[] x) {
        return Arrays.copyOf(x, size());
    }

    @Override
    public void drift(double t, double[] state, double[] out) {
        int d = dimension();
        double[] x = Arrays.copyOf(state, n * d);
        double[] dx = Arrays.copyOfRange(state, n * d, 2 * n * d);
        Arrays.fill(out, 0);
        for (int h = 0; h < base.size(); h++) {
            attend(base.get(h), change.get(h), x, dx, out);
        }
        for (int i = 0; i < n && spherical; i++) {
            project(x, dx, out, i, d);
        }
    }

    /** Adds what a head does to x and to dx. */
    private void attend(Head head, Head change, double[] x, double[] dx, double[] out) {
        int d = dimension();
        double[] values = rows(head.value(), x);
        double[] dvalues = plus(rows(head.value(), dx), rows(change.value(), x));
        double[] keys = rows(head.score(), x);
        double[] dkeys = plus(rows(head.score(), dx), rows(change.score(), x));
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
                out[i * d + k] += sum;
                out[(n + i) * d + k] += dsum;
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
