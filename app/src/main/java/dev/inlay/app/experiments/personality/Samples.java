package dev.inlay.app.experiments.personality;

import dev.inlay.OneLine;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Samples in file order, and the account of what was left out: each sample that was left out counts once, by the first
 * reason.
 */
public record Samples(List<Sample> list, Map<String, Integer> dropped) {
    public Samples {
        list = List.copyOf(list);
        dropped = Collections.unmodifiableMap(new TreeMap<>(dropped));
    }

    /** Those that a filter keeps. */
    public Samples keep(SampleFilter filter) {
        List<Sample> kept = new ArrayList<>();
        Map<String, Integer> reasons = new TreeMap<>(dropped);
        for (Sample sample : list) {
            Optional<String> reason = filter.reason(sample);
            if (reason.isPresent()) {
                reasons.merge(reason.get(), 1, Integer::sum);
            } else {
                kept.add(sample);
            }
        }
        return new Samples(kept, reasons);
    }

    /** A few lines for people. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        int out = dropped.values().stream().mapToInt(Integer::intValue).sum();
        lines.add(String.format(Locale.ROOT, "%,d samples kept, %,d left out", list.size(), out));
        dropped.forEach((reason, count) ->
                lines.add(String.format(Locale.ROOT, "left out: %,d, %s", count, OneLine.of(reason))));
        return lines;
    }
}
