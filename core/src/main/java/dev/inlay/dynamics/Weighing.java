package dev.inlay.dynamics;

/**
 * The attention of one head at one moment, in logarithms as well, because 1 - P soon falls below what P itself can show.
 *
 * @param n tokens
 * @param weights P, [n, n]
 * @param scores r_ij, [n, n], before the factor
 * @param logFactor c; the weight of j is proportional to exp(sign e^c r_ij)
 * @param sign of beta
 * @param causal whether token i sees the tokens j &lt;= i only
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
public record Weighing(int n, double[] weights, double[][] scores, double logFactor, int sign, boolean causal) {
    /** Index of the token that each token attends to most; the lowest of equal ones. */
    public int[] strongest() {
        int[] strongest = new int[n];
        for (int i = 0; i < n; i++) {
            strongest[i] = Attention.largest(signed(i), causal ? i + 1 : n);
        }
        return strongest;
    }

    /** Rows whose two largest scores are equal. */
    public int ties() {
        int ties = 0;
        for (int i = 0; i < n; i++) {
            double[] row = signed(i);
            int count = causal ? i + 1 : n;
            int best = Attention.largest(row, count);
            for (int j = 0; j < count; j++) {
                if (j != best && row[j] == row[best]) {
                    ties++;
                    break;
                }
            }
        }
        return ties;
    }

    private double[] signed(int i) {
        double[] row = scores[i].clone();
        if (sign < 0) {
            for (int j = 0; j < n; j++) {
                row[j] = -row[j];
            }
        }
        return row;
    }

    /**
     * ln of max_ij min(P_ij, 1 - P_ij): how far P is from 0 and 1. Exact where P itself is 0 or 1 in float64; negative
     * infinity where even the logarithm of the logarithm is out of range.
     */
    public double logResidual() {
        double worst = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            worst = Math.max(worst, logResidual(i));
        }
        return worst;
    }

    /** The same of one row: the sum of all weights but the largest, or the largest of them where that is closer to 1/2. */
    double logResidual(int i) {
        double[] row = signed(i);
        int count = causal ? i + 1 : n;
        int best = Attention.largest(row, count);
        double rest = 0;
        double largest = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < count; j++) {
            if (j != best) {
                double log = Attention.logWeight(row[j] - row[best], logFactor);
                rest += Math.exp(log);
                largest = Math.max(largest, log);
            }
        }
        double share = rest / (1 + rest);
        // Where the rest is below the smallest number its logarithm is that of its largest part.
        double logRest = rest > 0 ? Math.log(share) : largest;
        return share <= 0.5 ? logRest : Math.log(1 - share);
    }

    /** Whether every row is within {@code e^log} of a unit vector. */
    public boolean isBoolean(double log) {
        return logResidual() < log;
    }

    /** Mean over the rows of the entropy in nats. */
    public double entropy() {
        double sum = 0;
        for (double p : weights) {
            sum -= p > 0 ? p * Math.log(p) : 0;
        }
        return sum / n;
    }
}
