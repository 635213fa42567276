package dev.inlay.dynamics;

import java.util.List;

/**
 * The bound of {@link Bounds} with what both trajectories really did in place of worst cases: e' &lt;= a(t) e + b(t),
 *
 * <pre>
 * a = rho (max_i |A' x_i| + max_j |A (y_j - m)|) + |V| [+ max_i -&lt;x_i + y_i, v_i&gt; / 2 on the sphere]
 * b = rho max_ij |y_i' dA (y_j - m)| + max_j |dV y_j|
 * </pre>
 *
 * with x the base, y the changed trajectory, m the mean of y or 0 (scores may be shifted by row), rho the largest distance of a
 * V x_j from their mean or 0, of both the smaller one, and v the changed attention output; all parts but the last are sums over heads. Between two samples the larger value of each is taken. A posteriori: both runs must be known.
 *
 * @param spherical whether tokens move on the sphere, else in R^d
 * @param beta inverse temperature
 */
public record MeasuredBound(List<Head> base, List<Head> changed, boolean spherical, double beta) {
    /**
     * ln of the bound at each sample.
     *
     * @param first the base trajectory, [n, d] at each time
     * @param second the changed one, from the same start
     */
    public double[] logs(Path first, Path second, double[] times) {
        double[] logs = new double[times.length];
        double[] before = rates(first.at(times[0]), second.at(times[0]));
        double log = Double.NEGATIVE_INFINITY;
        logs[0] = log;
        for (int k = 1; k < times.length; k++) {
            double[] after = rates(first.at(times[k]), second.at(times[k]));
            double a = Math.max(before[0], after[0]);
            double b = Math.max(before[1], after[1]);
            double h = times[k] - times[k - 1];
            // e becomes e^(ah) e + b (e^(ah) - 1) / a.
            double grown = log + a * h;
            double added = Math.log(a == 0 ? b * h : b * Math.expm1(a * h) / a);
            double large = Math.max(grown, added);
            log = large == Double.NEGATIVE_INFINITY
                    ? large
                    : large + Math.log(Math.exp(grown - large) + Math.exp(added - large));
            logs[k] = log;
            before = after;
        }
        return logs;
    }

    private double[] rates(double[] x, double[] y) {
        int d = base.get(0).dimension();
        int n = x.length / d;
        double a = spherical ? turning(x, y, n, d) : 0;
        double b = 0;
        for (int h = 0; h < base.size(); h++) {
            double[] rates = rates(base.get(h), changed.get(h), x, y, n);
            a += rates[0];
            b += rates[1];
        }
        return new double[] {a, b};
    }

    private double[] rates(Head base, Head changed, double[] x, double[] y, int n) {
        int d = base.dimension();
        double[] values = new double[x.length];
        base.value().applyToRows(x, n, values);
        double spread = Math.min(Geometry.largestNorm(values, d), radius(values, n, d));
        double[] queries = new double[x.length];
        base.score().times(beta).transpose().applyToRows(x, n, queries);
        double[] centred = y;
        double[] keys = new double[x.length];
        double[] others = new double[x.length];
        base.score().times(beta).applyToRows(y, n, keys);
        base.score().times(beta).applyToRows(centred(y, n, d), n, others);
        if (Geometry.largestNorm(others, d) < Geometry.largestNorm(keys, d)) {
            centred = centred(y, n, d);
            keys = others;
        }
        double a = spread * (Geometry.largestNorm(queries, d) + Geometry.largestNorm(keys, d))
                + base.value().norm();
        double[] changedKeys = new double[x.length];
        changed.score().minus(base.score()).times(beta).applyToRows(centred, n, changedKeys);
        double scores = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                scores = Math.max(scores, Math.abs(Geometry.dot(y, i, changedKeys, j, d)));
            }
        }
        double[] changedValues = new double[x.length];
        changed.value().minus(base.value()).applyToRows(y, n, changedValues);
        return new double[] {a, spread * scores + Geometry.largestNorm(changedValues, d)};
    }

    /** max_i -&lt;x_i + y_i, v_i&gt; / 2: what the projections of the two flows add to the growth of their distance. */
    private double turning(double[] x, double[] y, int n, int d) {
        double[] output = new double[y.length];
        new Spherical(n, d, Weights.tied(changed), Interaction.softmax(beta)).free(0, y, output);
        double turning = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            turning = Math.max(turning, -(Geometry.dot(x, i, output, i, d) + Geometry.dot(y, i, output, i, d)) / 2);
        }
        return turning;
    }

    private static double[] centred(double[] x, int n, int d) {
        double[] centred = x.clone();
        for (int k = 0; k < d; k++) {
            double mean = 0;
            for (int i = 0; i < n; i++) {
                mean += x[i * d + k] / n;
            }
            for (int i = 0; i < n; i++) {
                centred[i * d + k] -= mean;
            }
        }
        return centred;
    }

    private static double radius(double[] x, int n, int d) {
        return Geometry.largestNorm(centred(x, n, d), d);
    }
}
