package dev.inlay.app.experiments.world;

import dev.inlay.InlayException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Named rows of text. The first column, {@code key}, is what a row is called, and a column {@code weight} holds the relative
 * probability of each.
 */
final class Table {
    private final String name;
    private final List<String> columns;
    private final List<Entry> entries;

    Table(String name, List<String> columns, List<List<String>> rows) {
        this.name = name;
        this.columns = List.copyOf(columns);
        this.entries = rows.stream().map(cells -> new Entry(this, cells)).toList();
        Set<List<String>> known = new HashSet<>();
        for (List<String> row : rows) {
            if (row.size() != columns.size() || !known.add(row)) {
                throw InlayException.data(
                        "table %s: expected %d cells in each row and no row twice, found %s",
                        name, columns.size(), row);
            }
        }
    }

    String name() {
        return name;
    }

    List<Entry> entries() {
        return entries;
    }

    boolean isWeighted() {
        return columns.contains("weight");
    }

    int column(String column) {
        int index = columns.indexOf(column);
        if (index < 0) {
            throw InlayException.data("table %s: no column \"%s\"; it has %s", name, column, columns);
        }
        return index;
    }
}
