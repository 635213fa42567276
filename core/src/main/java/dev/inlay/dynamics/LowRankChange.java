package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.Arrays;

/**
 * A change of a d x d matrix as a LoRA adapter stores it: (alpha / r) B D.
 *
 * @param up B, [d, r]
 * @param down D, [r, d]
 * @param alpha divided by r it is the scale
 */
public record LowRankChange(Matrix up, Matrix down, double alpha) {
    public LowRankChange {
        require(
                up.columns() == down.rows(),
                "up has rank %d, down has rank %d; they must be equal",
                up.columns(),
                down.rows());
    }

    public int rank() {
        return up.columns();
    }

    /** alpha / r. */
    public double scale() {
        return alpha / rank();
    }

    /** The whole matrix. */
    public Matrix matrix() {
        return up.times(down).times(scale());
    }

    /** The same direction with this largest singular value. */
    public LowRankChange withNorm(double norm) {
        return new LowRankChange(up, down, alpha * norm / requireChange(matrix().norm()));
    }

    /** The same direction with this Frobenius norm. */
    public LowRankChange withFrobenius(double norm) {
        return new LowRankChange(up, down, alpha * norm / requireChange(matrix().frobenius()));
    }

    private static double requireChange(double norm) {
        require(norm > 0, "a change of norm 0 cannot be given another norm");
        return norm;
    }

    /** B and D standard normal. */
    public static LowRankChange gaussian(int d, int rank, double alpha, Mersenne random) {
        Matrix up = Matrix.of(d, rank, random.normal(d * rank));
        return new LowRankChange(up, Matrix.of(rank, d, random.normal(rank * d)), alpha);
    }

    /** eta sum_a s_a u_a v_a', u and v ~ N(0, I/d): the random adapter of arXiv 2402.15415v2, theorem 4.2. */
    public static LowRankChange random(int d, double eta, double[] strengths, Mersenne random) {
        int rank = strengths.length;
        double[] up = new double[d * rank];
        double[] down = new double[rank * d];
        double deviation = 1 / Math.sqrt(d);
        for (int a = 0; a < rank; a++) {
            for (int k = 0; k < d; k++) {
                up[k * rank + a] = deviation * random.normal() * strengths[a];
            }
            for (int k = 0; k < d; k++) {
                down[a * d + k] = deviation * random.normal();
            }
        }
        return new LowRankChange(Matrix.of(d, rank, up), Matrix.of(rank, d, down), eta * rank);
    }

    /** factor u v'. */
    public static LowRankChange outer(double factor, double[] u, double[] v) {
        return new LowRankChange(Matrix.of(u.length, 1, u), Matrix.of(1, v.length, v), factor);
    }

    /** mu v v' for the k-th eigenvector v, k from 0 on by falling real part. */
    public static LowRankChange alongEigenvector(Matrix matrix, int k, double mu) {
        double[] vector = matrix.spectrum().vectors().column(k);
        return outer(mu, vector, vector);
    }

    /** factor (u1 u2' + u2 u1'), u1 and u2 the first eigenvectors: works against the gap between them. */
    public static LowRankChange acrossGap(Matrix matrix, double factor) {
        require(matrix.rows() >= 2, "a change across the gap needs at least 2 dimensions");
        double[] first = matrix.spectrum().vectors().column(0);
        double[] second = matrix.spectrum().vectors().column(1);
        Matrix up = Matrix.of(first, second).transpose();
        return new LowRankChange(up, Matrix.of(second, first), 2 * factor);
    }

    /** factor e_k e_k'. */
    public static LowRankChange diagonal(int d, int k, double factor) {
        double[] unit = new double[d];
        unit[k] = 1;
        return outer(factor, unit, unit);
    }

    /** c in every entry. */
    public static LowRankChange constant(int d, double c) {
        double[] ones = new double[d];
        Arrays.fill(ones, 1);
        return outer(c, ones, ones);
    }

    /** P D P with P = I - u u': what of the change neither reads nor writes along the unit vector u. */
    public LowRankChange orthogonalTo(double[] u) {
        Matrix projection = Matrix.identity(u.length).minus(Matrix.outer(u, u));
        return new LowRankChange(projection.times(up), down.times(projection), alpha);
    }
}
