package dev.inlay.dynamics;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * The mean of the tokens that each token attends to. Weights are made row by row and never kept, so memory grows with
 * tokens x dimension; work is 4 n^2 d operations and n^2 exponentials.
 *
 * <p>Scores come as r_ij together with the logarithm c of a factor: the weight of j in row i is proportional to
 * exp(sign e^c r_ij). A row is shifted by its largest score <em>before</em> the factor is applied, so that nothing
 * overflows at any c. Work is shared out over rows, each of which is summed in a fixed order: the number of threads
 * changes no bit.
 */
final class Attention {
    /** Rows that are worked on together. */
    private static final int ROWS = 8;

    /** Operations above which other threads are worth their start. */
    private static final long LARGE = 1 << 26;

    /** Largest c whose e^c is a number. */
    private static final double FINITE = 700;

    private final int n;
    private final int d;
    private final Rule rule;
    private final boolean causal;

    /**
     * What multiplies the scores.
     *
     * @param sign of beta: 1, 0 or -1
     * @param log c = 2 lambda t + ln |beta|
     */
    record Factor(int sign, double log) {
        static Factor of(double beta, double growth) {
            return new Factor((int) Math.signum(beta), growth + Math.log(Math.abs(beta)));
        }
    }

    Attention(int n, int d, Rule rule, boolean causal) {
        this.n = n;
        this.d = d;
        this.rule = rule;
        this.causal = causal;
    }

    /**
     * {@code out_i = sum_j P_ij y_j}.
     *
     * @param w tokens [n, d]
     * @param score A [d, d]; r_ij = w_i' A w_j
     * @param y what is mixed [n, d]
     * @param out [n, d], overwritten
     */
    void mix(double[] w, Matrix score, Factor factor, double[] y, double[] out) {
        double[][] queries = queries(w, score);
        double[][] keys = columns(w);
        double[][] mixed = split(y);
        if (rule instanceof Rule.Sinkhorn sinkhorn) {
            double[][] p = sinkhorn(queries, keys, factor, sinkhorn.iterations());
            double[][] sums = new double[n][d];
            Products.multiply(p, n, mixed, n, sums, d);
            join(sums, 0, n, out);
            return;
        }
        int blocks = (n + ROWS - 1) / ROWS;
        IntStream all = IntStream.range(0, blocks);
        if ((long) n * n * d >= LARGE) {
            all.parallel().forEach(block -> mix(block, queries, keys, factor, mixed, out, scratch()));
        } else {
            double[][][] scratch = scratch();
            all.forEach(block -> mix(block, queries, keys, factor, mixed, out, scratch));
        }
    }

    private double[][][] scratch() {
        return new double[][][] {new double[ROWS][n], new double[ROWS][d], new double[ROWS][]};
    }

    private void mix(
            int block,
            double[][] queries,
            double[][] keys,
            Factor factor,
            double[][] mixed,
            double[] out,
            double[][][] scratch) {
        int from = block * ROWS;
        int rows = Math.min(ROWS, n - from);
        int width = causal ? from + rows : n;
        double[][] scores = scratch[0];
        double[][] sums = scratch[1];
        System.arraycopy(queries, from, scratch[2], 0, rows);
        Products.multiply(scratch[2], rows, keys, d, scores, width);
        for (int r = 0; r < rows; r++) {
            weigh(scores[r], factor, causal ? from + r + 1 : n, width);
        }
        Products.multiply(scores, rows, mixed, width, sums, d);
        join(sums, from, rows, out);
    }

    /** P, [n, n] in row-major order. */
    double[] weights(double[] w, Matrix score, Factor factor) {
        double[][] p = scores(w, score);
        if (rule instanceof Rule.Sinkhorn sinkhorn) {
            p = sinkhorn(queries(w, score), columns(w), factor, sinkhorn.iterations());
        } else {
            for (int i = 0; i < n; i++) {
                weigh(p[i], factor, causal ? i + 1 : n, n);
            }
        }
        double[] flat = new double[n * n];
        for (int i = 0; i < n; i++) {
            System.arraycopy(p[i], 0, flat, i * n, n);
        }
        return flat;
    }

    /** r_ij, [n, n]. */
    double[][] scores(double[] w, Matrix score) {
        double[][] scores = new double[n][n];
        Products.multiply(queries(w, score), n, columns(w), d, scores, n);
        return scores;
    }

    /** Turns the scores of a row into weights; those from {@code visible} on become 0. */
    private void weigh(double[] row, Factor factor, int visible, int width) {
        Arrays.fill(row, visible, width, 0);
        if (rule instanceof Rule.Kernel kernel) {
            double scale = factor.sign() * Math.exp(factor.log());
            for (int j = 0; j < visible; j++) {
                row[j] = Math.exp(scale * (row[j] - kernel.shift())) / n;
            }
            return;
        }
        if (factor.sign() == 0) {
            Arrays.fill(row, 0, visible, 1.0 / visible);
            return;
        }
        if (factor.sign() < 0) {
            for (int j = 0; j < visible; j++) {
                row[j] = -row[j];
            }
        }
        int best = largest(row, visible);
        if (rule instanceof Rule.Hardmax) {
            Arrays.fill(row, 0, visible, 0);
            row[best] = 1;
        } else {
            softmax(row, row[best], factor.log(), visible);
        }
    }

    private static void softmax(double[] row, double shift, double log, int visible) {
        if (log <= FINITE) {
            double factor = Math.exp(log);
            for (int j = 0; j < visible; j++) {
                row[j] = factor * (row[j] - shift);
            }
        } else {
            for (int j = 0; j < visible; j++) {
                row[j] = logWeight(row[j] - shift, log);
            }
        }
        Exponential.of(row, visible);
        double scale = 1 / sum(row, visible);
        for (int j = 0; j < visible; j++) {
            row[j] *= scale;
        }
    }

    /** In four parts, which a core adds side by side. */
    private static double sum(double[] row, int count) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int j = 0;
        for (; j + 3 < count; j += 4) {
            a += row[j];
            b += row[j + 1];
            c += row[j + 2];
            d += row[j + 3];
        }
        for (; j < count; j++) {
            a += row[j];
        }
        return (a + b) + (c + d);
    }

    /** ln of the unnormalised weight of a gap g &lt;= 0 to the largest score: -e^(c + ln(-g)), as far as it is a number. */
    static double logWeight(double gap, double log) {
        if (gap == 0) {
            return 0;
        }
        double u = log + Math.log(-gap);
        return u > FINITE ? Double.NEGATIVE_INFINITY : -Math.exp(u);
    }

    static int largest(double[] row, int count) {
        int best = 0;
        for (int j = 1; j < count; j++) {
            if (row[j] > row[best]) {
                best = j;
            }
        }
        return best;
    }

    /** In the log domain, rows and columns in turn. */
    private double[][] sinkhorn(double[][] queries, double[][] keys, Factor factor, int iterations) {
        double[][] logs = new double[n][n];
        Products.multiply(queries, n, keys, d, logs, n);
        double scale = factor.sign() * Math.exp(factor.log());
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                logs[i][j] = causal && j > i ? Double.NEGATIVE_INFINITY : factor.sign() == 0 ? 0 : scale * logs[i][j];
            }
        }
        for (int k = 0; k < iterations; k++) {
            normalise(logs, k % 2 == 0);
        }
        for (double[] row : logs) {
            Arrays.setAll(row, j -> Math.exp(row[j]));
        }
        return logs;
    }

    private void normalise(double[][] logs, boolean rows) {
        for (int a = 0; a < n; a++) {
            double max = Double.NEGATIVE_INFINITY;
            for (int b = 0; b < n; b++) {
                max = Math.max(max, rows ? logs[a][b] : logs[b][a]);
            }
            double sum = 0;
            for (int b = 0; b < n; b++) {
                sum += Math.exp((rows ? logs[a][b] : logs[b][a]) - max);
            }
            double log = max + Math.log(sum);
            for (int b = 0; b < n; b++) {
                if (rows) {
                    logs[a][b] -= log;
                } else {
                    logs[b][a] -= log;
                }
            }
        }
    }

    /** w_i' A as rows. */
    private double[][] queries(double[] w, Matrix score) {
        if (score.isIdentity()) {
            return split(w);
        }
        double[][] queries = new double[n][d];
        Products.multiply(split(w), n, split(score.values()), d, queries, d);
        return queries;
    }

    private double[][] columns(double[] w) {
        double[][] columns = new double[d][n];
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < d; k++) {
                columns[k][i] = w[i * d + k];
            }
        }
        return columns;
    }

    private double[][] split(double[] values) {
        double[][] rows = new double[values.length / d][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(values, i * d, (i + 1) * d);
        }
        return rows;
    }

    private void join(double[][] rows, int from, int count, double[] out) {
        for (int r = 0; r < count; r++) {
            System.arraycopy(rows[r], 0, out, (from + r) * d, d);
        }
    }
}
