package dev.inlay.dynamics;

import java.util.Arrays;

/**
 * Blocked products over contiguous rows, in loops that the compiler turns into vector instructions: those that write one array
 * each. Where a loop writes two, some compilers take them for overlapping and leave it as it is, which is three times as slow.
 */
final class Products {
    /** Columns that are worked on together: with them the rows of a tile stay in the nearest cache. */
    private static final int TILE = 256;

    /** Rows that are worked on together: they read the same four rows of b. */
    private static final int ROWS = 8;

    private Products() {}

    /**
     * {@code out[r] = a[r] b}, for r from 0 to rows - 1.
     *
     * @param a [rows, inner]
     * @param b [inner, width]
     * @param out [rows, width], overwritten
     */
    static void multiply(double[][] a, int rows, double[][] b, int inner, double[][] out, int width) {
        for (int first = 0; first < rows; first += ROWS) {
            int last = Math.min(rows, first + ROWS);
            for (int from = 0; from < width; from += TILE) {
                tile(a, first, last, b, inner, out, from, Math.min(width, from + TILE));
            }
        }
    }

    private static void tile(
            double[][] a, int first, int last, double[][] b, int inner, double[][] out, int from, int to) {
        for (int r = first; r < last; r++) {
            Arrays.fill(out[r], from, to, 0);
        }
        int k = 0;
        for (; k + 3 < inner; k += 4) {
            for (int r = first; r < last; r++) {
                addFour(a[r], k, b, out[r], from, to);
            }
        }
        for (; k < inner; k++) {
            for (int r = first; r < last; r++) {
                add(a[r][k], b[k], out[r], from, to);
            }
        }
    }

    private static void addFour(double[] a, int k, double[][] b, double[] out, int from, int to) {
        double a0 = a[k];
        double a1 = a[k + 1];
        double a2 = a[k + 2];
        double a3 = a[k + 3];
        double[] b0 = b[k];
        double[] b1 = b[k + 1];
        double[] b2 = b[k + 2];
        double[] b3 = b[k + 3];
        for (int j = from; j < to; j++) {
            out[j] += a0 * b0[j] + a1 * b1[j] + a2 * b2[j] + a3 * b3[j];
        }
    }

    private static void add(double a, double[] b, double[] out, int from, int to) {
        for (int j = from; j < to; j++) {
            out[j] += a * b[j];
        }
    }
}
