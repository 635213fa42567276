package dev.inlay.app.experiments.world;

import java.util.List;

/** A row of a {@link Table}: what a variable stands for. */
final class Entry {
    private final Table table;
    private final List<String> cells;

    Entry(Table table, List<String> cells) {
        this.table = table;
        this.cells = List.copyOf(cells);
    }

    Table table() {
        return table;
    }

    String key() {
        return cells.get(0);
    }

    String cell(String column) {
        return cells.get(table.column(column));
    }

    @Override
    public String toString() {
        return key();
    }
}
