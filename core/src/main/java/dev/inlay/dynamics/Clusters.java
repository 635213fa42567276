package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/**
 * Which tokens are together. Two tokens are together when a chain of near ones joins them (union-find), unlike the rank of
 * a thresholded Gram matrix, which counts clusters only where nearness is transitive.
 *
 * @param labels of each token, the first cluster is 0, in the order of their first tokens; {@link #NOISE} of a token that is in
 *     no cluster
 * @param count of clusters
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode look inside
public record Clusters(int[] labels, int count) {
    /** The label of tokens that are in no cluster; only clusters of density ({@link Hdbscan}) leave some out. */
    public static final int NOISE = -1;

    private interface Near {
        boolean isNear(int i, int j);
    }

    /** Joined where |x_i - x_j| &lt; delta; x is [n, d]. */
    public static Clusters within(double[] x, int d, double delta) {
        require(delta > 0, "delta must be above 0, was %s", delta);
        return of(x.length / d, (i, j) -> Geometry.squaredDistance(x, i, x, j, d) < delta * delta);
    }

    /** Joined where the cosine is above a threshold. */
    public static Clusters byCosine(double[] x, int d, double threshold) {
        return of(x.length / d, (i, j) -> cosine(x, i, j, d) > threshold);
    }

    /** As {@link #byCosine(double[], int, double)}, of cosines that are known. */
    public static Clusters byCosine(Cosines cosines, double threshold) {
        return of(cosines.tokens(), (i, j) -> cosines.get(i, j) > threshold);
    }

    private static Clusters of(int n, Near near) {
        int[] parent = new int[n];
        Arrays.setAll(parent, i -> i);
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                if (near.isNear(i, j)) {
                    parent[find(parent, i)] = find(parent, j);
                }
            }
        }
        int[] roots = new int[n];
        Arrays.setAll(roots, i -> find(parent, i));
        return numbered(roots);
    }

    /** The clusters of groups with any numbers below the number of tokens, or {@link #NOISE}. */
    static Clusters numbered(int[] groups) {
        int[] labels = new int[groups.length];
        int[] known = new int[groups.length];
        Arrays.fill(known, NOISE);
        int count = 0;
        for (int i = 0; i < groups.length; i++) {
            if (groups[i] != NOISE && known[groups[i]] == NOISE) {
                known[groups[i]] = count++;
            }
            labels[i] = groups[i] == NOISE ? NOISE : known[groups[i]];
        }
        return new Clusters(labels, count);
    }

    /** Number of tokens that are in no cluster. */
    public int noise() {
        return (int) Arrays.stream(labels).filter(label -> label == NOISE).count();
    }

    private static int find(int[] parent, int i) {
        int at = i;
        while (parent[at] != at) {
            parent[at] = parent[parent[at]];
            at = parent[at];
        }
        return at;
    }

    /** Share of pairs i != j whose cosine is above a threshold. */
    public static double pairShare(double[] x, int d, double threshold) {
        return pairShare(Cosines.of(x, d), threshold);
    }

    /** As {@link #pairShare(double[], int, double)}, of cosines that are known. */
    public static double pairShare(Cosines cosines, double threshold) {
        int n = cosines.tokens();
        long near = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                near += cosines.get(i, j) > threshold ? 1 : 0;
            }
        }
        return near / (n * (n - 1) / 2.0);
    }

    /** Smallest cosine of two tokens. */
    public static double leastCosine(double[] x, int d) {
        double least = 1;
        for (int i = 0; i * d < x.length; i++) {
            for (int j = 0; j < i; j++) {
                least = Math.min(least, cosine(x, i, j, d));
            }
        }
        return least;
    }

    /** Numerical rank of the matrix [cosine &gt; threshold], as published; the count only where nearness is transitive. */
    public static int gramRank(double[] x, int d, double threshold) {
        int n = x.length / d;
        double[] gram = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                gram[i * n + j] = i == j || cosine(x, i, j, d) > threshold ? 1 : 0;
            }
        }
        return Ranks.numerical(Matrix.of(n, n, gram).singularValues(), n, n);
    }

    /**
     * The count that most of several thresholds agree on, where neighbours among them do: a plateau of at least three.
     *
     * @param counts cluster count of the k-th threshold
     */
    public static OptionalInt plateau(int thresholds, IntFunction<Clusters> counts) {
        int best = 0;
        int value = -1;
        int length = 0;
        int before = -1;
        for (int k = 0; k < thresholds; k++) {
            int count = counts.apply(k).count();
            length = count == before ? length + 1 : 1;
            before = count;
            if (length > best) {
                best = length;
                value = count;
            }
        }
        return best >= 3 ? OptionalInt.of(value) : OptionalInt.empty();
    }

    private static double cosine(double[] x, int i, int j, int d) {
        return Geometry.dot(x, i, x, j, d) / (Geometry.norm(x, i, d) * Geometry.norm(x, j, d));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Clusters clusters && Arrays.equals(labels, clusters.labels);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(labels);
    }

    @Override
    public String toString() {
        return count + " clusters " + Arrays.toString(labels);
    }
}
