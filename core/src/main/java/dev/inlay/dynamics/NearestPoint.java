package dev.inlay.dynamics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.QRDecomposition;

/** The point nearest to the origin in the hull of some points (Wolfe 1976, "Finding the nearest point in a polytope"). */
final class NearestPoint {
    private static final double TOLERANCE = 1e-14;
    private static final int MOST_PASSES = 1000;

    private NearestPoint() {}

    /**
     * Its length.
     *
     * @param scale largest coordinate: rounding is measured by it
     */
    static double norm(double[][] points, double scale) {
        double[] nearest = points[smallest(points)].clone();
        List<Integer> active = new ArrayList<>(List.of(smallest(points)));
        double[] weights = {1};
        for (int pass = 0; pass < MOST_PASSES; pass++) {
            int best = 0;
            for (int j = 1; j < points.length; j++) {
                if (dot(points[j], nearest) < dot(points[best], nearest)) {
                    best = j;
                }
            }
            double square = dot(nearest, nearest);
            if (square - dot(points[best], nearest) <= TOLERANCE * scale * scale || active.contains(best)) {
                return Math.sqrt(square);
            }
            active.add(best);
            weights = Arrays.copyOf(weights, active.size());
            weights = shrink(points, active, weights);
            nearest = combine(points, active, weights);
        }
        return Math.sqrt(dot(nearest, nearest));
    }

    /** Moves to the nearest point of the affine hull of the active points, dropping those that would get a weight below 0. */
    private static double[] shrink(double[][] points, List<Integer> active, double[] weights) {
        double[] now = weights;
        while (true) {
            double[] wanted = affine(points, active);
            double step = 1;
            for (int k = 0; k < wanted.length; k++) {
                if (wanted[k] <= TOLERANCE && now[k] > wanted[k]) {
                    step = Math.min(step, now[k] / (now[k] - wanted[k]));
                }
            }
            double[] moved = new double[wanted.length];
            for (int k = 0; k < moved.length; k++) {
                moved[k] = now[k] + step * (wanted[k] - now[k]);
            }
            if (step >= 1) {
                return moved;
            }
            int kept = 0;
            for (int k = 0; k < moved.length; k++) {
                if (moved[k] > TOLERANCE) {
                    active.set(kept, active.get(k));
                    moved[kept++] = moved[k];
                }
            }
            active.subList(kept, active.size()).clear();
            now = Arrays.copyOf(moved, kept);
        }
    }

    /** Weights with sum 1 of the point of the affine hull that is nearest to the origin. */
    private static double[] affine(double[][] points, List<Integer> active) {
        int m = active.size();
        if (m == 1) {
            return new double[] {1};
        }
        double[] first = points[active.get(0)];
        int d = first.length;
        Array2DRowRealMatrix edges = new Array2DRowRealMatrix(d, m - 1);
        for (int k = 1; k < m; k++) {
            for (int l = 0; l < d; l++) {
                edges.setEntry(l, k - 1, points[active.get(k)][l] - first[l]);
            }
        }
        double[] weights = new double[m];
        double[] rest = LeastSquares.solve(edges, first);
        double sum = 0;
        for (int k = 1; k < m; k++) {
            weights[k] = -rest[k - 1];
            sum += weights[k];
        }
        weights[0] = 1 - sum;
        return weights;
    }

    /** min |M c - b|, also where columns depend on each other. */
    private static final class LeastSquares {
        static double[] solve(Array2DRowRealMatrix matrix, double[] b) {
            int m = matrix.getColumnDimension();
            Array2DRowRealMatrix full = new Array2DRowRealMatrix(matrix.getRowDimension() + m, m);
            full.setSubMatrix(matrix.getDataRef(), 0, 0);
            for (int k = 0; k < m; k++) {
                full.setEntry(matrix.getRowDimension() + k, k, 1e-12 * (matrix.getNorm1() + 1e-300));
            }
            double[] right = Arrays.copyOf(b, full.getRowDimension());
            return new QRDecomposition(full)
                    .getSolver()
                    .solve(new ArrayRealVector(right))
                    .toArray();
        }
    }

    private static double[] combine(double[][] points, List<Integer> active, double[] weights) {
        double[] sum = new double[points[0].length];
        for (int k = 0; k < weights.length; k++) {
            for (int l = 0; l < sum.length; l++) {
                sum[l] += weights[k] * points[active.get(k)][l];
            }
        }
        return sum;
    }

    private static int smallest(double[][] points) {
        int best = 0;
        for (int j = 1; j < points.length; j++) {
            if (dot(points[j], points[j]) < dot(points[best], points[best])) {
                best = j;
            }
        }
        return best;
    }

    private static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int k = 0; k < x.length; k++) {
            sum += x[k] * y[k];
        }
        return sum;
    }
}
