package dev.inlay.adapter;

import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Site;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How much an adapter changes each weight, by Frobenius norms.
 *
 * @param sites one per adapted map, in the order of computation
 */
public record AdapterSummary(List<SiteChange> sites) {
    public AdapterSummary {
        sites = List.copyOf(sites);
    }

    /**
     * The change of one map.
     *
     * @param site which map
     * @param rank of the change, as stored
     * @param change {@code |scale * up down|}
     * @param weight {@code |W|}
     * @param zeroFactor whether up or down is zero, so that nothing changes whatever the other holds
     */
    public record SiteChange(Site site, long rank, double change, double weight, boolean zeroFactor) {
        /** {@code |change| / |weight|}. */
        public double relative() {
            return change / weight;
        }
    }

    /**
     * Measures an adapter.
     *
     * @param weightNorm the norm of a map's weight, for example of {@code decoder.weight(site)}
     */
    public static AdapterSummary of(Adapter adapter, ToDoubleFunction<Site> weightNorm) {
        List<SiteChange> sites = new ArrayList<>();
        adapter.ordered().forEach((site, factors) -> {
            boolean zero = factors.up().maxAbs() == 0 || factors.down().maxAbs() == 0;
            sites.add(new SiteChange(site, factors.rank(), norm(factors), weightNorm.applyAsDouble(site), zero));
        });
        return new AdapterSummary(sites);
    }

    /** The map that changes most in proportion to its weight. */
    public SiteChange largest() {
        return sites.stream()
                .max(Comparator.comparingDouble(SiteChange::relative))
                .orElseThrow(() -> new IllegalStateException("an adapter has at least one site"));
    }

    /** Maps on which a factor is zero. */
    public List<Site> unchanged() {
        return sites.stream()
                .filter(SiteChange::zeroFactor)
                .map(SiteChange::site)
                .toList();
    }

    /**
     * {@code |scale * up down|} without the product: with B = up and A = down, |B A|^2 = trace((B' B) (A A')), and both
     * are [rank, rank]. In float64.
     */
    static double norm(LowRank factors) {
        try (Scope scope = Scope.open()) {
            Tensor up = factors.up().detached().to(DType.FLOAT64);
            Tensor down = factors.down().detached().to(DType.FLOAT64);
            Tensor outer = up.transposed().matmul(up);
            Tensor inner = down.matmul(down.transposed());
            // Rounding can make a tiny square negative.
            double square = Math.max(0, outer.times(inner).sum().item());
            return Math.abs(factors.scale()) * Math.sqrt(square);
        }
    }
}
