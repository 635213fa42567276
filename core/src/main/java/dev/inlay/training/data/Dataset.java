package dev.inlay.training.data;

import java.util.List;

/** Rows of one form in file order; {@code name} is the file's, for messages. */
public record Dataset(String name, List<Row> rows) {
    public Dataset {
        rows = List.copyOf(rows);
    }

    public int size() {
        return rows.size();
    }
}
