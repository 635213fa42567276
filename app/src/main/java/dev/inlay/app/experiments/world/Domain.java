package dev.inlay.app.experiments.world;

import java.util.Collections;
import java.util.List;

/** The rows that a draw may take, and the probability of each. */
record Domain(List<Entry> entries, List<Double> chances) {
    static Domain of(List<Entry> entries, boolean weighted) {
        if (!weighted) {
            return new Domain(entries, Collections.nCopies(entries.size(), 1.0 / entries.size()));
        }
        double sum = entries.stream().mapToDouble(Domain::weight).sum();
        return new Domain(
                entries, entries.stream().map(entry -> weight(entry) / sum).toList());
    }

    private static double weight(Entry entry) {
        return Double.parseDouble(entry.cell("weight"));
    }
}
