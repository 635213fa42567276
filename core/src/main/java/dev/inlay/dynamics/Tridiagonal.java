package dev.inlay.dynamics;

import java.util.Arrays;

/**
 * A symmetric matrix turned until only its diagonal and the entries beside it are left (Householder 1958); its eigenvalues one
 * by one, without eigenvectors. Unlike a QL iteration, bisection always ends, also where many eigenvalues are 0 but for rounding.
 */
final class Tridiagonal {
    /** Columns of this length are rounding beside entries of order 1, and their squares are no numbers any more. */
    private static final double NOTHING = 1e-140;

    private final double[] diagonal;
    private final double[] beside;

    private Tridiagonal(double[] diagonal, double[] beside) {
        this.diagonal = diagonal;
        this.beside = beside;
    }

    /** O(n^3). */
    static Tridiagonal of(Matrix symmetric) {
        int n = symmetric.rows();
        double[][] a = new double[n][];
        Arrays.setAll(a, symmetric::row);
        double[] beside = new double[n];
        for (int k = 0; k + 1 < n; k++) {
            beside[k] = reflect(a, k);
        }
        double[] diagonal = new double[n];
        Arrays.setAll(diagonal, i -> a[i][i]);
        return new Tridiagonal(diagonal, beside);
    }

    /**
     * Turns the dimensions behind k so that of column k only the entry below the diagonal is left: A becomes H A H with H = I - 2
     * vv' / v'v, which is A - vw' - wv'.
     *
     * @return that entry
     */
    private static double reflect(double[][] a, int k) {
        int n = a.length;
        double[] v = new double[n];
        double square = 0;
        for (int i = k + 1; i < n; i++) {
            v[i] = a[i][k];
            square += v[i] * v[i];
        }
        double length = Math.sqrt(square);
        if (length < NOTHING) {
            return 0;
        }
        double left = v[k + 1] > 0 ? -length : length;
        double factor = 1 / (square - v[k + 1] * left);
        v[k + 1] -= left;
        double[] w = new double[n];
        double along = 0;
        for (int i = k + 1; i < n; i++) {
            double sum = 0;
            for (int j = k + 1; j < n; j++) {
                sum += a[i][j] * v[j];
            }
            w[i] = factor * sum;
            along += factor * w[i] * v[i] / 2;
        }
        for (int i = k + 1; i < n; i++) {
            w[i] -= along * v[i];
        }
        for (int i = k + 1; i < n; i++) {
            for (int j = k + 1; j < n; j++) {
                a[i][j] -= v[i] * w[j] + w[i] * v[j];
            }
        }
        return left;
    }

    /** The k-th largest eigenvalue, from 0 on, by bisection to the last bit. */
    double eigenvalue(int k) {
        double high = 0;
        for (int i = 0; i < diagonal.length; i++) {
            double sides = Math.abs(beside[i]) + (i > 0 ? Math.abs(beside[i - 1]) : 0);
            high = Math.max(high, Math.abs(diagonal[i]) + sides);
        }
        double low = -high;
        double middle = 0;
        while (low < middle && middle < high) {
            if (above(middle) > k) {
                low = middle;
            } else {
                high = middle;
            }
            middle = low + (high - low) / 2;
        }
        return middle;
    }

    /** Number of eigenvalues above x: of positive pivots of A - xI (Sturm, Sylvester). */
    private int above(double x) {
        int above = 0;
        double pivot = 1;
        for (int i = 0; i < diagonal.length; i++) {
            double square = i == 0 ? 0 : beside[i - 1] * beside[i - 1];
            pivot = diagonal[i] - x - square / pivot;
            // A pivot of 0 is one just below.
            pivot = pivot == 0 ? -Double.MIN_NORMAL : pivot;
            above += pivot > 0 ? 1 : 0;
        }
        return above;
    }
}
