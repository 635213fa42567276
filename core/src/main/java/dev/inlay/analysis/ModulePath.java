package dev.inlay.analysis;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.model.LinearSite;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Where a linear map lies in a checkpoint, as Hugging Face names it: analysis serves adapters whose model is not at hand.
 *
 * @param text dotted, for example {@code model.layers.0.self_attn.q_proj}
 */
public record ModulePath(String text) {
    /** Number of the layer: the first segment that is a number. */
    public OptionalInt layer() {
        return Arrays.stream(text.split("\\."))
                .filter(segment -> segment.matches("\\d{1,6}"))
                .mapToInt(Integer::parseInt)
                .findFirst();
    }

    /** The last segment: the name that maps of one kind share. */
    public String kind() {
        return text.substring(text.lastIndexOf('.') + 1);
    }

    /** The changes of an adapter by the paths of its model, in the order of computation. */
    public static Map<String, LowRank> changes(Adapter adapter, List<LinearSite> model) {
        Map<String, LowRank> changes = new LinkedHashMap<>();
        for (LinearSite place : model) {
            LowRank change = adapter.factors().get(place.site());
            if (change != null) {
                changes.put(place.path(), change);
            }
        }
        return changes;
    }
}
