package dev.inlay.app.cli;

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

/**
 * Flag logits of rows, of the bare model and, if there is one, of the model with its adapter.
 *
 * @param logits by the name of who scored, [rows] each
 * @param tasks of the rows
 * @param labels of the rows; empty where rows are not put together
 */
record FlagEvaluation(List<FlagRow> rows, Map<String, double[]> logits, List<String> tasks, List<String> labels) {
    private static final long SEED = 0;

    /** @param adapters empty for the bare model alone */
    static FlagEvaluation of(
            FlagRows rows, FlagScorer scorer, List<? extends Intervention> adapters, FlagLabels labels) {
        List<String> tasks = labels.tasks(rows.list());
        List<String> groups = labels.groups(rows.list());
        List<FlagPrompt> prompts = rows.prompts();
        Map<String, double[]> logits = new LinkedHashMap<>();
        logits.put("base", scorer.logits(prompts, List.of()));
        if (!adapters.isEmpty()) {
            logits.put("adapter", scorer.logits(prompts, adapters));
        }
        return new FlagEvaluation(rows.list(), logits, tasks, groups);
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
        for (int i = 0; i < labels.size(); i++) {
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
                flags.add(new ScoredFlag(tasks.get(i), row.truth(), values[i]));
            }
            reports.put(who, FlagReport.of(flags, FlagReport.RESAMPLES, SEED));
        });
        return reports;
    }
}
