package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.Arrays;

/**
 * How clusters of the same tokens go over into others. The heir of a cluster is the later one that most of its tokens are
 * in, the parent of a cluster the earlier one that most of its tokens come from; the first of equal ones. Where more tokens
 * are noise than in any cluster there is no heir, or no parent.
 *
 * @param births later clusters that are not the only one of their parent: what came off a cluster, or out of noise
 * @param merges earlier clusters that are not the only one of their heir: what went into a cluster
 * @param deaths earlier clusters without an heir: what became noise
 */
public record Succession(int births, int merges, int deaths) {
    public static Succession of(Clusters before, Clusters after) {
        require(
                before.labels().length == after.labels().length,
                "both need the same tokens, found %d and %d",
                before.labels().length,
                after.labels().length);
        int[] heirs = whereMostAre(before, after);
        int[] parents = whereMostAre(after, before);
        int deaths = (int)
                Arrays.stream(heirs).filter(heir -> heir == Clusters.NOISE).count();
        return new Succession(after.count() - distinct(parents), before.count() - deaths - distinct(heirs), deaths);
    }

    /** For each cluster of one side the label on the other side. */
    private static int[] whereMostAre(Clusters side, Clusters other) {
        // Noise comes last, so that of equally many a cluster is taken.
        int noise = other.count();
        int[][] shared = new int[side.count()][noise + 1];
        for (int i = 0; i < side.labels().length; i++) {
            if (side.labels()[i] != Clusters.NOISE) {
                int label = other.labels()[i];
                shared[side.labels()[i]][label == Clusters.NOISE ? noise : label]++;
            }
        }
        int[] most = new int[side.count()];
        for (int a = 0; a < most.length; a++) {
            int best = 0;
            for (int b = 1; b <= noise; b++) {
                best = shared[a][b] > shared[a][best] ? b : best;
            }
            most[a] = best == noise ? Clusters.NOISE : best;
        }
        return most;
    }

    private static int distinct(int[] labels) {
        return (int) Arrays.stream(labels)
                .filter(label -> label != Clusters.NOISE)
                .distinct()
                .count();
    }
}
