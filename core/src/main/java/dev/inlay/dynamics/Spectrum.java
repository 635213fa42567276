package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.hipparchus.complex.Complex;
import org.hipparchus.exception.MathIllegalStateException;
import org.hipparchus.linear.EigenDecompositionNonSymmetric;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.SingularValueDecomposition;

/** Eigenvalues of a square matrix, by falling real part, and its eigenvectors where all are real. */
public final class Spectrum {
    /** An imaginary part this small beside the modulus comes from rounding. */
    private static final double REAL = 1e-12;

    private static final double SINGULAR = 1e-9;

    private final List<Complex> values;
    private final RealMatrix columns;

    private Spectrum(List<Complex> values, RealMatrix columns) {
        this.values = values;
        this.columns = columns;
    }

    static Spectrum of(Matrix matrix) {
        if (matrix.isSymmetric()) {
            return ofSymmetric(matrix);
        }
        EigenDecompositionNonSymmetric eigen = new EigenDecompositionNonSymmetric(matrix.real());
        Complex[] values = eigen.getEigenvalues();
        return mend(matrix, values) ? sorted(values, nullVectors(matrix, values)) : sorted(values, eigen.getV());
    }

    /**
     * The iteration of Hipparchus 4.0.3 does not end for some symmetric matrices of nearly low rank. The singular values of M + cI
     * with c >= |M| are its eigenvalues, and that decomposition ends always.
     */
    private static Spectrum ofSymmetric(Matrix matrix) {
        try {
            EigenDecompositionSymmetric eigen = new EigenDecompositionSymmetric(matrix.real());
            return sorted(complex(eigen.getEigenvalues(), 0), eigen.getV());
        } catch (MathIllegalStateException endless) {
            double shift = matrix.frobenius();
            SingularValueDecomposition positive =
                    new SingularValueDecomposition(shifted(matrix, -shift).real());
            return sorted(complex(positive.getSingularValues(), shift), positive.getV());
        }
    }

    private static Complex[] complex(double[] values, double shift) {
        return Arrays.stream(values)
                .mapToObj(value -> new Complex(value - shift))
                .toArray(Complex[]::new);
    }

    /**
     * Hipparchus 4.0.3 takes some pairs of real eigenvalues, re - z and re + z, for complex ones, re -+ iz: it drops the sign
     * under the root. A pair is real where both real numbers make the shifted matrix singular.
     */
    private static boolean mend(Matrix matrix, Complex[] values) {
        boolean mended = false;
        for (int k = 0; k < values.length; k++) {
            double re = values[k].getReal();
            double z = values[k].getImaginary();
            if (z != 0 && isEigenvalue(matrix, re + z) && isEigenvalue(matrix, re - z)) {
                values[k] = new Complex(re + z);
                mended = true;
            }
        }
        return mended;
    }

    private static boolean isEigenvalue(Matrix matrix, double value) {
        double[] singular = shifted(matrix, value).singularValues();
        return singular[singular.length - 1] <= SINGULAR * Math.max(1, matrix.frobenius());
    }

    private static Matrix shifted(Matrix matrix, double value) {
        return matrix.minus(Matrix.identity(matrix.rows()).times(value));
    }

    /** For each eigenvalue the vector that the shifted matrix sends nearest to 0; of complex ones it means nothing. */
    private static RealMatrix nullVectors(Matrix matrix, Complex[] values) {
        RealMatrix vectors = matrix.real();
        for (int k = 0; k < values.length; k++) {
            RealMatrix right = new SingularValueDecomposition(
                            shifted(matrix, values[k].getReal()).real())
                    .getV();
            vectors.setColumn(k, right.getColumn(right.getColumnDimension() - 1));
        }
        return vectors;
    }

    private static Spectrum sorted(Complex[] values, RealMatrix columns) {
        List<Integer> order = IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -values[i].getReal()))
                .toList();
        RealMatrix sorted = columns.createMatrix(values.length, values.length);
        for (int k = 0; k < values.length; k++) {
            double[] column = columns.getColumn(order.get(k));
            double norm = Math.sqrt(Arrays.stream(column).map(x -> x * x).sum());
            sorted.setColumn(k, Arrays.stream(column).map(x -> x / norm).toArray());
        }
        return new Spectrum(order.stream().map(i -> values[i]).toList(), sorted);
    }

    public int size() {
        return values.size();
    }

    /** Real part of the k-th eigenvalue, from 0 on. */
    public double real(int k) {
        return values.get(k).getReal();
    }

    public double imaginary(int k) {
        return values.get(k).getImaginary();
    }

    /** Modulus of the k-th eigenvalue. */
    public double modulus(int k) {
        return values.get(k).norm();
    }

    public boolean isReal() {
        return IntStream.range(0, size()).allMatch(this::isReal);
    }

    /** Unit eigenvector of the k-th eigenvalue, which must be real. */
    public double[] vector(int k) {
        require(isReal(k), "eigenvalue %d is complex and has no real eigenvector", k + 1);
        return columns.getColumn(k);
    }

    /** Whether the k-th eigenvalue is real. */
    public boolean isReal(int k) {
        return Math.abs(imaginary(k)) <= REAL * Math.max(1, modulus(k));
    }

    /** Unit eigenvectors as columns, in the order of the eigenvalues; only of a real spectrum. */
    public Matrix vectors() {
        require(isReal(), "the matrix has complex eigenvalues and no basis of real eigenvectors");
        return Matrix.of(columns);
    }

    /** Whether the eigenvectors are a basis that is good to compute with. */
    boolean isDiagonalisable() {
        if (!isReal()) {
            return false;
        }
        double[] singular = vectors().singularValues();
        return singular[singular.length - 1] > 1e-6 * singular[0];
    }
}
