package dev.inlay.testing;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.engine.Tensor;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Site;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Recorded factors by PEFT's names, for tests below the package that reads PEFT directories. */
public final class GoldenAdapter {
    private GoldenAdapter() {}

    /** PEFT's name of a factor. */
    public static String name(LinearSite site, String factor) {
        return "base_model.model." + site.path() + "." + factor + ".weight";
    }

    /** An adapter of all sites that have recorded factors, with one scale. */
    public static Adapter of(Map<String, Tensor> recorded, List<LinearSite> sites, double scale) {
        Map<Site, LowRank> factors = new TreeMap<>();
        for (LinearSite site : sites) {
            Tensor up = recorded.get(name(site, "lora_B"));
            Tensor down = recorded.get(name(site, "lora_A"));
            if (up != null && down != null) {
                factors.put(site.site(), new LowRank(up, down, scale));
            }
        }
        return Adapter.of(factors);
    }
}
