package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.Arrays;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.MatrixUtils;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.SingularValueDecomposition;

/** A dense float64 matrix that never changes. */
public final class Matrix {
    private final int rows;
    private final int columns;
    private final double[] values;

    private Matrix(int rows, int columns, double[] values) {
        this.rows = rows;
        this.columns = columns;
        this.values = values;
    }

    /** A matrix of these rows, all of one length and finite. */
    public static Matrix of(double[]... rows) {
        require(rows.length > 0 && rows[0].length > 0, "a matrix needs at least one row and one column");
        int columns = rows[0].length;
        double[] values = new double[Math.multiplyExact(rows.length, columns)];
        for (int i = 0; i < rows.length; i++) {
            require(
                    rows[i].length == columns,
                    "rows of a matrix have one length; row 1 has %d values, row %d has %d",
                    columns,
                    i + 1,
                    rows[i].length);
            System.arraycopy(rows[i], 0, values, i * columns, columns);
        }
        return of(rows.length, columns, values);
    }

    /** A matrix of [rows, columns] values in row-major order, all finite. */
    public static Matrix of(int rows, int columns, double[] values) {
        require(
                rows > 0 && columns > 0 && values.length == Math.multiplyExact(rows, columns),
                "a matrix of %d x %d has %d values, found %d",
                rows,
                columns,
                (long) rows * columns,
                values.length);
        for (int i = 0; i < values.length; i++) {
            require(
                    Double.isFinite(values[i]),
                    "entry (%d, %d) of a matrix is %s; use finite numbers",
                    i / columns + 1,
                    i % columns + 1,
                    values[i]);
        }
        return new Matrix(rows, columns, values.clone());
    }

    public static Matrix zero(int rows, int columns) {
        return of(rows, columns, new double[Math.multiplyExact(rows, columns)]);
    }

    public static Matrix identity(int size) {
        double[] ones = new double[size];
        Arrays.fill(ones, 1);
        return diagonal(ones);
    }

    public static Matrix diagonal(double... entries) {
        double[] values = new double[Math.multiplyExact(entries.length, entries.length)];
        for (int i = 0; i < entries.length; i++) {
            values[i * entries.length + i] = entries[i];
        }
        return of(entries.length, entries.length, values);
    }

    /** The matrix u v'. */
    public static Matrix outer(double[] u, double[] v) {
        double[] values = new double[Math.multiplyExact(u.length, v.length)];
        for (int i = 0; i < u.length; i++) {
            for (int j = 0; j < v.length; j++) {
                values[i * v.length + j] = u[i] * v[j];
            }
        }
        return of(u.length, v.length, values);
    }

    static Matrix of(RealMatrix matrix) {
        return of(matrix.getData());
    }

    public int rows() {
        return rows;
    }

    public int columns() {
        return columns;
    }

    /** Entry of row i and column j, from 0 on. */
    public double get(int i, int j) {
        return values[i * columns + j];
    }

    /** All entries in row-major order. */
    public double[] values() {
        return values.clone();
    }

    public double[] row(int i) {
        return Arrays.copyOfRange(values, i * columns, (i + 1) * columns);
    }

    /** Some rows that follow each other. */
    Matrix rowsFrom(int first, int count) {
        return of(count, columns, Arrays.copyOfRange(values, first * columns, (first + count) * columns));
    }

    public double[] column(int j) {
        double[] column = new double[rows];
        for (int i = 0; i < rows; i++) {
            column[i] = get(i, j);
        }
        return column;
    }

    public Matrix times(Matrix other) {
        require(
                columns == other.rows,
                "a %d x %d matrix cannot be multiplied with a %d x %d one",
                rows,
                columns,
                other.rows,
                other.columns);
        double[] product = new double[rows * other.columns];
        for (int i = 0; i < rows; i++) {
            for (int k = 0; k < columns; k++) {
                double factor = values[i * columns + k];
                for (int j = 0; j < other.columns; j++) {
                    product[i * other.columns + j] += factor * other.values[k * other.columns + j];
                }
            }
        }
        return of(rows, other.columns, product);
    }

    public Matrix times(double factor) {
        double[] scaled = values.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= factor;
        }
        return of(rows, columns, scaled);
    }

    public Matrix plus(Matrix other) {
        require(
                rows == other.rows && columns == other.columns,
                "a %d x %d matrix cannot be added to a %d x %d one",
                other.rows,
                other.columns,
                rows,
                columns);
        double[] sum = values.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.values[i];
        }
        return of(rows, columns, sum);
    }

    public Matrix minus(Matrix other) {
        return plus(other.times(-1));
    }

    public Matrix transpose() {
        double[] turned = new double[values.length];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                turned[j * rows + i] = values[i * columns + j];
            }
        }
        return of(columns, rows, turned);
    }

    /** M x. */
    public double[] apply(double[] x) {
        double[] y = new double[rows];
        applyToRows(x, 1, y);
        return y;
    }

    /** Each of the n rows of x becomes M times it: {@code out} = x M', [n, rows]. */
    void applyToRows(double[] x, int n, double[] out) {
        for (int i = 0; i < n; i++) {
            for (int a = 0; a < rows; a++) {
                double sum = 0;
                for (int b = 0; b < columns; b++) {
                    sum += values[a * columns + b] * x[i * columns + b];
                }
                out[i * rows + a] = sum;
            }
        }
    }

    /** Largest singular value. */
    public double norm() {
        return singularValues()[0];
    }

    public double frobenius() {
        double sum = 0;
        for (double value : values) {
            sum += value * value;
        }
        return Math.sqrt(sum);
    }

    /** Singular values, the largest first. */
    public double[] singularValues() {
        return new SingularValueDecomposition(real()).getSingularValues();
    }

    /** e^M of a square matrix (Pade approximation with scaling and squaring, Higham 2005). */
    public Matrix exp() {
        requireSquare();
        return of(MatrixUtils.matrixExponential(real()));
    }

    public Matrix inverse() {
        requireSquare();
        return of(MatrixUtils.inverse(real()));
    }

    /** Eigenvalues and, where they are real and independent, eigenvectors. */
    public Spectrum spectrum() {
        requireSquare();
        return Spectrum.of(this);
    }

    /** The positive semi-definite root of a symmetric positive semi-definite matrix. */
    public Matrix root() {
        Spectrum spectrum = spectrum();
        require(isSymmetric(), "only a symmetric matrix has a root here");
        double least = spectrum.real(spectrum.size() - 1);
        require(
                least >= -1e-12 * Math.max(1, norm()),
                "only a positive semi-definite matrix has a root; the least eigenvalue is %s",
                least);
        Matrix vectors = spectrum.vectors();
        double[] roots = new double[rows];
        for (int i = 0; i < rows; i++) {
            roots[i] = Math.sqrt(Math.max(0, spectrum.real(i)));
        }
        return vectors.times(diagonal(roots)).times(vectors.transpose());
    }

    /** Whether M = M' to the last bits. */
    public boolean isSymmetric() {
        return rows == columns && minus(transpose()).frobenius() <= 1e-14 * frobenius();
    }

    /** Whether M = lambda I for some lambda. */
    public boolean isScalar() {
        return isDiagonal() && Arrays.stream(diagonal()).allMatch(each -> each == values[0]);
    }

    /** Whether M = I. */
    public boolean isIdentity() {
        return isScalar() && values[0] == 1;
    }

    boolean isDiagonal() {
        for (int i = 0; i < values.length; i++) {
            if (i / columns != i % columns && values[i] != 0) {
                return false;
            }
        }
        return rows == columns;
    }

    double[] diagonal() {
        double[] entries = new double[Math.min(rows, columns)];
        for (int i = 0; i < entries.length; i++) {
            entries[i] = get(i, i);
        }
        return entries;
    }

    private void requireSquare() {
        require(rows == columns, "a square matrix is needed, found %d x %d", rows, columns);
    }

    RealMatrix real() {
        RealMatrix real = new Array2DRowRealMatrix(rows, columns);
        for (int i = 0; i < rows; i++) {
            real.setRow(i, row(i));
        }
        return real;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Matrix matrix && matrix.columns == columns && Arrays.equals(matrix.values, values);
    }

    @Override
    public int hashCode() {
        return 31 * columns + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rows; i++) {
            text.append(i == 0 ? "[" : ", ").append(Arrays.toString(row(i)));
        }
        return text.append(']').toString();
    }
}
