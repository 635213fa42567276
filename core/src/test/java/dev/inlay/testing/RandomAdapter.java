package dev.inlay.testing;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Initialisation;
import dev.inlay.adapter.LowRank;
import dev.inlay.engine.DType;
import dev.inlay.model.Decoder;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Site;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Adapters in float64 of which every factor acts, owned by the innermost scope. */
public final class RandomAdapter {
    private RandomAdapter() {}

    /** Of all linear maps, the head included. */
    public static Adapter of(Decoder decoder, long seed) {
        return of(decoder, seed, site -> true);
    }

    /** Of some linear maps. */
    public static Adapter of(Decoder decoder, long seed, Predicate<Site> which) {
        Map<Site, LowRank> factors = new TreeMap<>();
        for (LinearSite site : decoder.sites()) {
            if (which.test(site.site())) {
                LowRank start = Initialisation.RANDOM.factors(site, 3, 2, seed);
                factors.put(
                        site.site(),
                        new LowRank(start.up().to(DType.FLOAT64), start.down().to(DType.FLOAT64), start.scale()));
            }
        }
        return Adapter.of(factors);
    }
}
