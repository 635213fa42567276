package dev.inlay.dynamics;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The convex hull of tokens [n, d] in any dimension, by distances of points to it (the nearest point of a polytope;
 * Wolfe 1976).
 */
public final class Hull {
    private final double[] x;
    private final int n;
    private final int d;

    public Hull(double[] x, int d) {
        this.x = x.clone();
        this.d = d;
        this.n = x.length / d;
    }

    /** Tokens that lie outside the hull of the others by more than {@code tolerance}; of equal tokens the first. */
    public int[] vertices(double tolerance) {
        return IntStream.range(0, n)
                .filter(i -> isFirst(i, tolerance) && distanceFromOthers(i, tolerance) > tolerance)
                .toArray();
    }

    private boolean isFirst(int i, double tolerance) {
        return IntStream.range(0, i).allMatch(j -> Geometry.squaredDistance(x, i, x, j, d) > tolerance * tolerance);
    }

    private double distanceFromOthers(int i, double same) {
        double[] others = new double[x.length];
        int count = 0;
        for (int j = 0; j < n; j++) {
            if (Geometry.squaredDistance(x, i, x, j, d) > same * same) {
                System.arraycopy(x, j * d, others, count++ * d, d);
            }
        }
        return count == 0
                ? Double.POSITIVE_INFINITY
                : new Hull(Arrays.copyOf(others, count * d), d).distance(Arrays.copyOfRange(x, i * d, (i + 1) * d));
    }

    /**
     * How far the hull of other tokens reaches out of this one, at most: the largest distance of one of them.
     *
     * @param other [m, d]
     */
    public double excess(double[] other) {
        double largest = 0;
        for (int i = 0; i * d < other.length; i++) {
            largest = Math.max(largest, distance(Arrays.copyOfRange(other, i * d, (i + 1) * d)));
        }
        return largest;
    }

    /** Distance of a point to the hull; 0 inside, up to rounding. */
    public double distance(double[] point) {
        double[][] shifted = new double[n][d];
        double scale = 0;
        for (int j = 0; j < n; j++) {
            for (int k = 0; k < d; k++) {
                shifted[j][k] = x[j * d + k] - point[k];
                scale = Math.max(scale, Math.abs(shifted[j][k]));
            }
        }
        return NearestPoint.norm(shifted, scale);
    }
}
