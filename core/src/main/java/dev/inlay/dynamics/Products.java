package dev.inlay.dynamics;

import java.util.Arrays;

/** Blocked products over contiguous rows, in loops that the compiler turns into vector instructions. */
final class Products {
    /** Columns that are worked on together: the rows of a tile stay in the cache of a core. */
    private static final int TILE = 256;

    private Products() {}

    /**
     * {@code out[r] = a[r] b}, for r from 0 to rows - 1.
     *
     * @param a [rows, inner]
     * @param b [inner, width]
     * @param out [rows, width], overwritten
     */
    static void multiply(double[][] a, int rows, double[][] b, int inner, double[][] out, int width) {
        for (int from = 0; from < width; from += TILE) {
            int to = Math.min(width, from + TILE);
            int r = 0;
            for (; r + 1 < rows; r += 2) {
                pair(a[r], a[r + 1], b, inner, out[r], out[r + 1], from, to);
            }
            if (r < rows) {
                single(a[r], b, inner, out[r], from, to);
            }
        }
    }

    private static void pair(
            double[] a, double[] c, double[][] b, int inner, double[] out, double[] other, int from, int to) {
        Arrays.fill(out, from, to, 0);
        Arrays.fill(other, from, to, 0);
        int k = 0;
        for (; k + 3 < inner; k += 4) {
            add(a, k, b, out, from, to, c, other);
        }
        for (; k < inner; k++) {
            add(a[k], b[k], out, from, to);
            add(c[k], b[k], other, from, to);
        }
    }

    private static void single(double[] a, double[][] b, int inner, double[] out, int from, int to) {
        Arrays.fill(out, from, to, 0);
        for (int k = 0; k < inner; k++) {
            add(a[k], b[k], out, from, to);
        }
    }

    private static void add(
            double[] a, int k, double[][] b, double[] out, int from, int to, double[] c, double[] other) {
        double a0 = a[k];
        double a1 = a[k + 1];
        double a2 = a[k + 2];
        double a3 = a[k + 3];
        double c0 = c[k];
        double c1 = c[k + 1];
        double c2 = c[k + 2];
        double c3 = c[k + 3];
        double[] b0 = b[k];
        double[] b1 = b[k + 1];
        double[] b2 = b[k + 2];
        double[] b3 = b[k + 3];
        for (int j = from; j < to; j++) {
            double x0 = b0[j];
            double x1 = b1[j];
            double x2 = b2[j];
            double x3 = b3[j];
            out[j] += a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3;
            other[j] += c0 * x0 + c1 * x1 + c2 * x2 + c3 * x3;
        }
    }

    private static void add(double a, double[] b, double[] out, int from, int to) {
        for (int j = from; j < to; j++) {
            out[j] += a * b[j];
        }
    }
}
