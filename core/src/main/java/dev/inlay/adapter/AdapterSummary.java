package dev.inlay.adapter;

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
            sites.add(new SiteChange(site, factors.rank(), factors.norm(), weightNorm.applyAsDouble(site), zero));
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
}
