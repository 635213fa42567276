package dev.inlay.app.experiments.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a study found, in lines that name its controls. */
record LayerSummary(Study study) {
    private static final List<String> SHOWN = List.of(
            "cosine_mean",
            "cosine_mean_without_first",
            "cosine_mean_centred",
            "effective_rank",
            "clusters_" + LayerMeasures.THRESHOLD,
            "hdbscan_clusters",
            "hdbscan_noise",
            "fiedler_without_first");

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        int last = study.base().entries() - 1;
        for (String measure : SHOWN) {
            lines.add(line(measure, last));
        }
        List<String> falls = new ArrayList<>();
        study.sides().forEach((side, measures) -> falls.add(side + " " + measures.violations(1)));
        lines.add("falls of the energy (beta 1) in " + last + " layers: " + String.join(", ", falls));
        study.differences().stream()
                .filter(each -> each.entry() == last)
                .forEach(each -> lines.add(String.format(
                        Locale.ROOT,
                        "adapter at entry %d: %s %.4f (95 %% interval %.4f to %.4f)",
                        last,
                        each.measure().equals("drift") ? "drift" : "change of " + words(each.measure()),
                        each.value(),
                        each.interval().low(),
                        each.interval().high())));
        return lines;
    }

    private String line(String measure, int last) {
        StringBuilder line = new StringBuilder(words(measure))
                .append(", entries 0 and ")
                .append(last)
                .append(':');
        String mark = " ";
        for (Map.Entry<String, LayerMeasures> side : study.sides().entrySet()) {
            line.append(mark)
                    .append(side.getKey())
                    .append(' ')
                    .append(shown(side.getValue().at(0, measure)))
                    .append(" to ")
                    .append(shown(side.getValue().at(last, measure)));
            mark = "; ";
        }
        return line.toString();
    }

    /** For people. */
    static String words(String measure) {
        return measure.replace('_', ' ');
    }

    static String shown(double value) {
        if (Double.isNaN(value)) {
            return "none";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e6
                ? String.valueOf((long) value)
                : String.format(Locale.ROOT, "%.4g", value);
    }
}
