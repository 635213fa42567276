package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.app.experiments.flags.FlagPrompt;
import dev.inlay.app.experiments.flags.FlagReport;
import dev.inlay.app.experiments.flags.FlagRows;
import dev.inlay.app.experiments.flags.FlagRows.FlagRow;
import dev.inlay.app.experiments.flags.FlagScorer;
import dev.inlay.app.experiments.flags.ScoredFlag;
import dev.inlay.model.Intervention;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Flag logits of rows, of the bare model and, if there is one, of the model with its adapter.
 *
 * @param logits by the name of who scored, [rows] each
 * @param labels of the rows; null where rows are not put together
 */
record FlagEvaluation(List<FlagRow> rows, Map<String, double[]> logits, @Nullable List<String> labels) {
    private static final long SEED = 0;

    /** @param adapters empty for the bare model alone */
    static FlagEvaluation of(
            FlagRows rows,
            FlagScorer scorer,
            List<? extends Intervention> adapters,
            @Nullable Map<Integer, String> labels) {
        List<FlagPrompt> prompts = rows.list().stream().map(FlagRow::prompt).toList();
        Map<String, double[]> logits = new LinkedHashMap<>();
        logits.put("base", scorer.logits(prompts, List.of()));
        if (!adapters.isEmpty()) {
            logits.put("adapter", scorer.logits(prompts, adapters));
        }
        List<String> own = labels == null
                ? null
                : rows.list().stream().map(row -> label(labels, row.line())).toList();
        return new FlagEvaluation(rows.list(), logits, own);
    }

    private static String label(Map<Integer, String> labels, int line) {
        String label = labels.get(line);
        if (label == null) {
            throw InlayException.data("the file of labels has no line %d, which is a row of the data", line);
        }
        return label;
    }

    /** Measures of all rows. */
    Map<String, FlagReport> whole() {
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            all.add(i);
        }
        return reports(all);
    }

    /** Measures of the rows of each label. */
    Map<String, Map<String, FlagReport>> groups() {
        Map<String, List<Integer>> members = new TreeMap<>();
        for (int i = 0; labels != null && i < rows.size(); i++) {
            members.computeIfAbsent(labels.get(i), label -> new ArrayList<>()).add(i);
        }
        Map<String, Map<String, FlagReport>> groups = new TreeMap<>();
        members.forEach((label, group) -> groups.put(label, reports(group)));
        return groups;
    }

    private Map<String, FlagReport> reports(List<Integer> members) {
        Map<String, FlagReport> reports = new LinkedHashMap<>();
        logits.forEach((who, values) -> {
            List<ScoredFlag> flags = new ArrayList<>();
            for (int i : members) {
                FlagRow row = rows.get(i);
                flags.add(new ScoredFlag(String.valueOf(row.line()), row.truth(), values[i]));
            }
            reports.put(who, FlagReport.of(flags, FlagReport.RESAMPLES, SEED));
        });
        return reports;
    }
}
