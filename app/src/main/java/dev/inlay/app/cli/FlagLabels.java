package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.app.experiments.flags.FlagRows.FlagRow;
import dev.inlay.app.experiments.flags.Labels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Labels by the line of their row.
 *
 * @param groups what rows are shown by; null for nothing
 * @param tasks what rows are drawn together by; null for each by itself
 */
record FlagLabels(
        @Nullable Map<Integer, String> groups, @Nullable Map<Integer, String> tasks) {
    /** Reads what the options ask for from beside a file of rows. */
    static FlagLabels read(FlagOptions options, Path rows) {
        return new FlagLabels(read(options.label, rows), read(options.task, rows));
    }

    private static @Nullable Map<Integer, String> read(@Nullable String label, Path rows) {
        return label == null ? null : Labels.read(Labels.beside(rows), label);
    }

    /** The group of each row; nothing where there are none. */
    List<String> groups(List<FlagRow> rows) {
        return groups == null ? List.of() : all(groups, rows);
    }

    List<String> tasks(List<FlagRow> rows) {
        return tasks == null
                ? rows.stream().map(row -> String.valueOf(row.line())).toList()
                : all(tasks, rows);
    }

    private static List<String> all(Map<Integer, String> labels, List<FlagRow> rows) {
        return rows.stream().map(row -> label(labels, row.line())).toList();
    }

    private static String label(Map<Integer, String> labels, int line) {
        String label = labels.get(line);
        if (label == null) {
            throw InlayException.data("the file of labels has no line %d, which is a row of the data", line);
        }
        return label;
    }
}
