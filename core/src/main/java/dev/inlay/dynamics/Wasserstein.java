package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.Arrays;

/** The distance W2 of two sets of equally many tokens, each token of weight 1 / n. */
public final class Wasserstein {
    private Wasserstein() {}

    /**
     * Which token of y each token of x is paired with, so that the sum of squared distances is least (shortest augmenting
     * paths, O(n^3); Jonker and Volgenant 1987).
     *
     * @param x [n, d]
     * @param y [n, d]
     */
    public static int[] assignment(double[] x, double[] y, int d) {
        require(
                x.length == y.length,
                "both sets need equally many tokens, found %d and %d",
                x.length / d,
                y.length / d);
        int n = x.length / d;
        double[] u = new double[n + 1];
        double[] v = new double[n + 1];
        int[] match = new int[n + 1];
        for (int i = 1; i <= n; i++) {
            match[0] = i;
            augment(x, y, d, u, v, match);
        }
        int[] assignment = new int[n];
        for (int j = 1; j <= n; j++) {
            assignment[match[j] - 1] = j - 1;
        }
        return assignment;
    }

    private static void augment(double[] x, double[] y, int d, double[] u, double[] v, int[] match) {
        int n = match.length - 1;
        double[] least = new double[n + 1];
        Arrays.fill(least, Double.POSITIVE_INFINITY);
        boolean[] used = new boolean[n + 1];
        int[] way = new int[n + 1];
        int column = 0;
        do {
            used[column] = true;
            int row = match[column];
            double delta = Double.POSITIVE_INFINITY;
            int next = 0;
            for (int j = 1; j <= n; j++) {
                if (!used[j]) {
                    double cost = Geometry.squaredDistance(x, row - 1, y, j - 1, d) - u[row] - v[j];
                    if (cost < least[j]) {
                        least[j] = cost;
                        way[j] = column;
                    }
                    if (least[j] < delta) {
                        delta = least[j];
                        next = j;
                    }
                }
            }
            for (int j = 0; j <= n; j++) {
                if (used[j]) {
                    u[match[j]] += delta;
                    v[j] -= delta;
                } else {
                    least[j] -= delta;
                }
            }
            column = next;
        } while (match[column] != 0);
        while (column != 0) {
            match[column] = match[way[column]];
            column = way[column];
        }
    }

    /** W2, exact. */
    public static double distance(double[] x, double[] y, int d) {
        int[] assignment = assignment(x, y, d);
        double sum = 0;
        for (int i = 0; i < assignment.length; i++) {
            sum += Geometry.squaredDistance(x, i, y, assignment[i], d);
        }
        return Math.sqrt(sum / assignment.length);
    }
}
