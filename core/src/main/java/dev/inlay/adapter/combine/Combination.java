package dev.inlay.adapter.combine;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.AdapterDigest;
import dev.inlay.adapter.Approximation;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Parts;
import dev.inlay.model.Intervention;
import dev.inlay.model.Site;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A weighted sum of adapters: at each map that one of them changes, {@code sum_i weight_i * scale_i * up_i down_i}.
 *
 * <p>The sum is that of the changes, which is what the adapters do side by side. It is not the sum of the factors, which
 * multiplies out to products of one adapter's up with another's down as well.
 *
 * @param terms at least one
 */
public record Combination(List<Term> terms) {
    /**
     * One adapter of the sum.
     *
     * @param weight finite; below zero it takes away what the adapter does
     */
    public record Term(Adapter adapter, double weight) {
        public Term {
            require(Double.isFinite(weight), "the weight of an adapter must be finite, was %s", weight);
        }
    }

    public Combination {
        terms = List.copyOf(terms);
        require(!terms.isEmpty(), "a combination needs at least one adapter");
    }

    /** What the first does and the second does not. */
    public static Combination difference(Adapter first, Adapter second) {
        return new Combination(List.of(new Term(first, 1), new Term(second, -1)));
    }

    /** On the line from the first (at 0) to the second (at 1), or beyond. */
    public static Combination between(Adapter first, Adapter second, double place) {
        return new Combination(List.of(new Term(first, 1 - place), new Term(second, place)));
    }

    /** The adapters side by side, as a pass takes them: the sum, without computing it. */
    public List<Intervention> running() {
        return terms.stream()
                .<Intervention>map(term -> term.adapter().times(term.weight()))
                .toList();
    }

    /**
     * The sum as one adapter with scale 1 everywhere. The ranks add, over the union of the maps; exact but for one rounding
     * of the factors.
     *
     * @throws InlayException if a term has a gate or a modulation, or a value that is not finite
     */
    public Adapter sum() {
        terms.forEach(term -> term.adapter().requireAddable());
        terms.forEach(term -> requireFinite(term.adapter()));
        return terms.stream()
                .map(term -> term.adapter().times(term.weight()))
                .reduce(Adapter::plus)
                .orElseThrow()
                .mapChanges(LowRank::unscaled);
    }

    /**
     * One map of a combination.
     *
     * @param ranks of each term that changes it
     * @param rank of the result
     * @param norm Frobenius norm of the whole sum
     * @param error relative, of the result; see {@link Approximation}
     */
    public record ModuleSum(Site site, List<Long> ranks, long rank, double norm, double error) {}

    /**
     * A combination as one adapter.
     *
     * @param modules in the order of computation
     */
    public record Result(Adapter adapter, List<ModuleSum> modules) {
        /** Relative Frobenius error over all maps together. */
        public double error() {
            double energy = modules.stream()
                    .mapToDouble(module -> module.norm() * module.norm())
                    .sum();
            double lost = modules.stream()
                    .mapToDouble(module -> Math.pow(module.error() * module.norm(), 2))
                    .sum();
            return energy == 0 ? 0 : Math.sqrt(lost / energy);
        }
    }

    /** The sum with the ranks that a reduction leaves, and what that costs. */
    public Result reduced(Reduction reduction) {
        Adapter sum = sum();
        Map<Site, LowRank> changes = new TreeMap<>();
        List<ModuleSum> modules = new ArrayList<>();
        sum.ordered().forEach((site, change) -> {
            Approximation kept = reduction.of(change);
            changes.put(site, kept.change());
            modules.add(new ModuleSum(site, ranks(site), kept.change().rank(), change.norm(), kept.error()));
        });
        return new Result(Adapter.of(changes), modules);
    }

    /** Weights and digests of the adapters: {@code 0.5 sha256:... + -1.0 sha256:...}. */
    public String digest() {
        return terms.stream()
                .map(term -> term.weight() + " " + AdapterDigest.of(Parts.of(term.adapter())))
                .collect(Collectors.joining(" + "));
    }

    private List<Long> ranks(Site site) {
        return terms.stream()
                .map(term -> term.adapter().factors().get(site))
                .filter(change -> change != null)
                .map(LowRank::rank)
                .toList();
    }

    private static void requireFinite(Adapter adapter) {
        adapter.ordered().forEach((site, change) -> {
            if (!change.up().isFinite() || !change.down().isFinite()) {
                throw InlayException.adapter(
                        "%s: the adapter's factors hold NaN or infinite values; take an earlier checkpoint", site);
            }
        });
    }
}
