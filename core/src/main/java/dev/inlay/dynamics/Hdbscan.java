package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Clusters of any density, and noise between them: HDBSCAN* (Campello, Moulavi and Sander 2013; with Zimek 2015).
 *
 * <p>A token's core distance is that to its k-th nearest token, and two tokens reach each other at max(core of one, core of the
 * other, their distance). Density is 1 / reach. As it rises, the tokens fall apart into smaller and smaller parts; parts that
 * are too small are noise, a part that loses nothing else stays the same cluster, and one that falls apart into several
 * large ones ends. Its stability is its excess of mass: the sum over its tokens of (density at which the token leaves less
 * density at which the cluster began). Chosen are the clusters of largest total stability of which none holds another; all
 * tokens together are never one, so that a set without any structure has no cluster.
 *
 * <p>Ties are resolved as the papers say: what has one reach falls apart at once. So the order of the tokens does not matter.
 * Programs that sort ties one after the other (scikit-learn) give a token that is as near to one cluster as to another to
 * whichever comes first; here it is noise.
 *
 * @param smallest cluster, in tokens, at least 2
 * @param neighbours k, the token itself counted, at least 1: with 1 density is single linkage
 */
public record Hdbscan(int smallest, int neighbours) {
    public Hdbscan {
        require(smallest >= 2, "a cluster has at least 2 tokens, the smallest was given as %d", smallest);
        require(neighbours >= 1, "a density needs at least 1 neighbour, was %d", neighbours);
    }

    /**
     * The clusters of n tokens; all are noise where there are fewer of them than {@code neighbours}.
     *
     * @param distances [n, n] symmetric, from 0 on, 0 of a token to itself. Equal tokens have infinite density.
     */
    public Clusters of(Matrix distances) {
        int n = distances.rows();
        requireDistances(distances);
        int[] groups = new int[n];
        Arrays.fill(groups, Clusters.NOISE);
        if (n >= neighbours) {
            Walk walk = Walk.of(distances, neighbours);
            int group = 0;
            for (Part child : walk.part(0, n, smallest, 0).children) {
                for (Part chosen : child.chosen()) {
                    for (int i = chosen.from; i < chosen.to; i++) {
                        groups[walk.order[i]] = group;
                    }
                    group++;
                }
            }
        }
        return Clusters.numbered(groups);
    }

    private static void requireDistances(Matrix distances) {
        require(distances.isSymmetric(), "distances are the same both ways, found a matrix that is not symmetric");
        for (int i = 0; i < distances.rows(); i++) {
            require(distances.get(i, i) == 0, "token %d is %s away from itself; expected 0", i, distances.get(i, i));
            for (int j = 0; j < i; j++) {
                require(
                        distances.get(i, j) >= 0,
                        "the distance of tokens %d and %d is %s; expected 0 or more",
                        i,
                        j,
                        distances.get(i, j));
            }
        }
    }

    /**
     * The tokens in the order in which Prim's algorithm joins them to the minimum spanning tree. Two tokens hang together below a
     * reach exactly where every step between them is below it, so that each part of the hierarchy is a run of the order.
     *
     * @param steps at each place the reach by which its token was joined; infinite at the first
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    private record Walk(int[] order, double[] steps) {
        static Walk of(Matrix distances, int neighbours) {
            int n = distances.rows();
            double[] core = new double[n];
            Arrays.setAll(core, i -> {
                double[] sorted = distances.row(i);
                Arrays.sort(sorted);
                return sorted[neighbours - 1];
            });
            int[] order = new int[n];
            double[] steps = new double[n];
            double[] reach = new double[n];
            Arrays.fill(reach, Double.POSITIVE_INFINITY);
            boolean[] joined = new boolean[n];
            int token = 0;
            for (int place = 0; place < n; place++) {
                order[place] = token;
                steps[place] = reach[token];
                joined[token] = true;
                int nearest = -1;
                for (int j = 0; j < n; j++) {
                    if (!joined[j]) {
                        double direct = Math.max(distances.get(token, j), Math.max(core[token], core[j]));
                        reach[j] = Math.min(reach[j], direct);
                        nearest = nearest < 0 || reach[j] < reach[nearest] ? j : nearest;
                    }
                }
                token = nearest;
            }
            return new Walk(order, steps);
        }

        /** What becomes of a run of the order that is one cluster from a density on. */
        Part part(int from, int to, int smallest, double began) {
            double stability = 0;
            List<Run> large = List.of(new Run(from, to));
            double density = began;
            while (large.size() == 1) {
                Run rest = large.get(0);
                double farthest = farthest(rest);
                density = 1 / farthest;
                large = fragments(rest, farthest, smallest);
                int staying = large.size() == 1 ? large.get(0).size() : 0;
                stability += (rest.size() - staying) * (density - began);
            }
            List<Part> children = new ArrayList<>();
            for (Run child : large) {
                children.add(part(child.from, child.to, smallest, density));
            }
            return new Part(from, to, stability, children);
        }

        /** The largest step within a run; 0 of a single token. */
        private double farthest(Run run) {
            double farthest = 0;
            for (int i = run.from + 1; i < run.to; i++) {
                farthest = Math.max(farthest, steps[i]);
            }
            return farthest;
        }

        /** The runs that are left where all steps of a reach are gone, without those that are too small. */
        private List<Run> fragments(Run run, double reach, int smallest) {
            List<Run> large = new ArrayList<>();
            int start = run.from;
            for (int i = run.from + 1; i <= run.to; i++) {
                if (i == run.to || steps[i] == reach) {
                    Run fragment = new Run(start, i);
                    if (fragment.size() >= smallest) {
                        large.add(fragment);
                    }
                    start = i;
                }
            }
            return large;
        }
    }

    private record Run(int from, int to) {
        int size() {
            return to - from;
        }
    }

    /** A cluster of the hierarchy: its tokens as a run of the order when it began, and what it falls apart into. */
    private record Part(int from, int to, double stability, List<Part> children) {
        /** Itself, or what is inside of it where that is more stable together. */
        List<Part> chosen() {
            List<Part> inside = new ArrayList<>();
            double sum = 0;
            for (Part child : children) {
                for (Part each : child.chosen()) {
                    inside.add(each);
                    sum += each.stability;
                }
            }
            return sum > stability ? inside : List.of(this);
        }
    }
}
