package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.analysis.Similarity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How alike adapters are, each pair once. */
record SimilarityTable(List<Pair> pairs) {
    record Pair(String first, String second, Similarity similarity) {
        /** Mean over the modules that both change. */
        double overlapWritten() {
            return similarity.modules().stream()
                    .mapToDouble(module -> module.written().overlap())
                    .average()
                    .orElse(0);
        }

        double overlapRead() {
            return similarity.modules().stream()
                    .mapToDouble(module -> module.read().overlap())
                    .average()
                    .orElse(0);
        }
    }

    static SimilarityTable of(Map<String, AdapterInfo> infos) {
        List<String> names = List.copyOf(infos.keySet());
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            for (int j = i + 1; j < names.size(); j++) {
                AdapterInfo first = infos.get(names.get(i));
                AdapterInfo second = infos.get(names.get(j));
                if (first != null && second != null) {
                    pairs.add(new Pair(names.get(i), names.get(j), Similarity.of(first.factors(), second.factors())));
                }
            }
        }
        return new SimilarityTable(pairs);
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Pair pair : pairs) {
            lines.add(String.format(
                    Locale.ROOT,
                    "similarity   %s, %s: cosine %.4f; %d modules in common, overlap of what they write %.3f, read %.3f",
                    pair.first(),
                    pair.second(),
                    pair.similarity().cosine(),
                    pair.similarity().modules().size(),
                    pair.overlapWritten(),
                    pair.overlapRead()));
        }
        return lines;
    }

    void addTo(ObjectNode object) {
        for (Pair pair : pairs) {
            ObjectNode row = object.withArray("similarity").addObject();
            row.put("first", pair.first());
            row.put("second", pair.second());
            row.put("cosine", pair.similarity().cosine());
            for (Similarity.OfModule module : pair.similarity().modules()) {
                ObjectNode each = row.withArray("modules").addObject();
                each.put("module", module.path().text());
                each.put("cosine", module.cosine());
                module.written().radians().forEach(each.withArray("angles_written")::add);
                module.read().radians().forEach(each.withArray("angles_read")::add);
            }
        }
    }
}
