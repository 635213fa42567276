package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

/**
 * How clusters of the same tokens go over into others. The heir of a cluster is the later one that most of its tokens are
 * in, the parent of a cluster the earlier one that most of its tokens come from; the first of equal ones.
 *
 * @param births later clusters that are not the only one of their parent: what came off a cluster
 * @param merges earlier clusters that are not the only one of their heir: what went into a cluster
 */
public record Succession(int births, int merges) {
    public static Succession of(Clusters before, Clusters after) {
        require(
                before.labels().length == after.labels().length,
                "both need the same tokens, found %d and %d",
                before.labels().length,
                after.labels().length);
        int[][] shared = new int[before.count()][after.count()];
        for (int i = 0; i < before.labels().length; i++) {
            shared[before.labels()[i]][after.labels()[i]]++;
        }
        boolean[] isHeir = new boolean[after.count()];
        for (int b = 0; b < before.count(); b++) {
            int heir = 0;
            for (int a = 1; a < after.count(); a++) {
                heir = shared[b][a] > shared[b][heir] ? a : heir;
            }
            isHeir[heir] = true;
        }
        boolean[] isParent = new boolean[before.count()];
        for (int a = 0; a < after.count(); a++) {
            int parent = 0;
            for (int b = 1; b < before.count(); b++) {
                parent = shared[b][a] > shared[parent][a] ? b : parent;
            }
            isParent[parent] = true;
        }
        return new Succession(after.count() - count(isParent), before.count() - count(isHeir));
    }

    private static int count(boolean[] marks) {
        int count = 0;
        for (boolean mark : marks) {
            count += mark ? 1 : 0;
        }
        return count;
    }
}
