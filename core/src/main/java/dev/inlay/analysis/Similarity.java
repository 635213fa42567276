package dev.inlay.analysis;

import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.SingularDecomposition;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How alike two adapters are.
 *
 * @param cosine of the angle between all their changes as one vector: 1 for equal up to a positive factor, 0 where one
 *     changes nothing of what the other changes
 * @param modules the maps that both change
 */
public record Similarity(double cosine, List<OfModule> modules) {
    /**
     * Two changes of one map.
     *
     * @param cosine of the angle between them
     * @param written angles between the subspaces of the outputs that they write
     * @param read angles between the subspaces of the inputs that they read
     */
    public record OfModule(ModulePath path, double cosine, PrincipalAngles written, PrincipalAngles read) {}

    public Similarity {
        modules = List.copyOf(modules);
    }

    /** @param first changes by path; second as well */
    public static Similarity of(Map<String, LowRank> first, Map<String, LowRank> second) {
        List<OfModule> modules = new ArrayList<>();
        double inner = 0;
        for (Map.Entry<String, LowRank> entry : first.entrySet()) {
            LowRank other = second.get(entry.getKey());
            if (other != null) {
                inner += entry.getValue().inner(other);
                modules.add(module(entry.getKey(), entry.getValue(), other));
            }
        }
        double norms = Math.sqrt(energy(first) * energy(second));
        return new Similarity(norms == 0 ? 0 : Math.max(-1, Math.min(1, inner / norms)), modules);
    }

    private static OfModule module(String path, LowRank first, LowRank second) {
        try (Scope scope = Scope.open()) {
            SingularDecomposition a = first.svd();
            SingularDecomposition b = second.svd();
            return new OfModule(
                    new ModulePath(path),
                    first.cosine(second),
                    PrincipalAngles.between(leading(a.left(), a), leading(b.left(), b)),
                    PrincipalAngles.between(
                            leading(a.right().transposed(), a),
                            leading(b.right().transposed(), b)));
        }
    }

    /** The directions that carry more than rounding; at least one, so that there is a subspace. */
    private static Tensor leading(Tensor directions, SingularDecomposition svd) {
        return directions.narrow(1, 0, Math.max(1, svd.spectrum().rank()));
    }

    private static double energy(Map<String, LowRank> changes) {
        return changes.values().stream()
                .mapToDouble(change -> Math.pow(change.norm(), 2))
                .sum();
    }
}
