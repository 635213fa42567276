package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.Arrays;

/**
 * The cosines of all pairs of tokens; means, medians and histograms leave out each token with itself, whose cosine is 1
 * whatever the others do. NaN with a token of length 0, which points nowhere.
 */
public final class Cosines {
    private final int n;
    private final double[] values;

    private Cosines(int n, double[] values) {
        this.n = n;
        this.values = values;
    }

    /** @param x tokens [n, d], at least 2 */
    public static Cosines of(double[] x, int d) {
        int n = x.length / d;
        require(n >= 2, "cosines need at least 2 tokens, found %d", n);
        double[] norms = new double[n];
        Arrays.setAll(norms, i -> Geometry.norm(x, i, d));
        double[] values = new double[Math.multiplyExact(n, n)];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double cosine = Geometry.dot(x, i, x, j, d) / (norms[i] * norms[j]);
                values[i * n + j] = cosine;
                values[j * n + i] = cosine;
            }
        }
        return new Cosines(n, values);
    }

    /** Number of tokens. */
    public int tokens() {
        return n;
    }

    public double get(int i, int j) {
        return values[i * n + j];
    }

    public double mean() {
        int[] once = new int[n];
        Arrays.fill(once, 1);
        return mean(once);
    }

    /**
     * The mean where each token occurs so many times, as in a resample; a token with its own copy is no pair.
     *
     * @param counts of each token; NaN where fewer than two tokens occur
     */
    public double mean(int[] counts) {
        double sum = 0;
        double pairs = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                double weight = (double) counts[i] * counts[j];
                // 0 times NaN would be NaN.
                sum += weight == 0 ? 0 : weight * values[i * n + j];
                pairs += weight;
            }
        }
        return sum / pairs;
    }

    public double median() {
        double[] sorted = pairs();
        Arrays.sort(sorted);
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    /** Without the first tokens. */
    public Cosines from(int first) {
        int left = n - first;
        require(left >= 2, "cosines need at least 2 tokens, found %d", left);
        double[] rest = new double[left * left];
        for (int i = 0; i < left; i++) {
            System.arraycopy(values, (i + first) * n + first, rest, i * left, left);
        }
        return new Cosines(left, rest);
    }

    /** Share of the pairs in each of equal parts of [-1, 1], the upper end in the last part. */
    public double[] histogram(int parts) {
        double[] shares = new double[parts];
        double[] pairs = pairs();
        for (double cosine : pairs) {
            if (!Double.isNaN(cosine)) {
                int part = (int) Math.floor((cosine + 1) / 2 * parts);
                shares[Math.max(0, Math.min(parts - 1, part))] += 1.0 / pairs.length;
            }
        }
        return shares;
    }

    private double[] pairs() {
        double[] pairs = new double[n * (n - 1) / 2];
        int at = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                pairs[at++] = values[i * n + j];
            }
        }
        return pairs;
    }

    /** For each token the other one of largest cosine, the earliest of equal ones; -1 where no cosine is known. */
    public int[] nearest() {
        int[] nearest = new int[n];
        for (int i = 0; i < n; i++) {
            nearest[i] = -1;
            double best = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < n; j++) {
                if (j != i && get(i, j) > best) {
                    best = get(i, j);
                    nearest[i] = j;
                }
            }
        }
        return nearest;
    }

    /** Share of tokens whose nearest one is the same in both. */
    public double sharedNearest(Cosines other) {
        require(n == other.n, "both sets need equally many tokens, found %d and %d", n, other.n);
        int[] mine = nearest();
        int[] others = other.nearest();
        int same = 0;
        for (int i = 0; i < n; i++) {
            same += mine[i] >= 0 && mine[i] == others[i] ? 1 : 0;
        }
        return same / (double) n;
    }
}
