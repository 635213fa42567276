package dev.inlay.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleFunction;

/** A table in Markdown, its first column to the left, the others to the right. */
final class Table {
    static final String ABSENT = "-";

    private final List<String> header;
    private final List<List<String>> rows = new ArrayList<>();

    Table(String... header) {
        this.header = List.of(header);
    }

    Table row(String... cells) {
        if (cells.length != header.size()) {
            throw new IllegalArgumentException(cells.length + " cells in a table of " + header.size() + " columns");
        }
        rows.add(List.of(cells));
        return this;
    }

    String render() {
        List<String> rules = new ArrayList<>(Collections.nCopies(header.size(), "---:"));
        rules.set(0, "---");
        StringBuilder text = new StringBuilder(line(header)).append(line(rules));
        rows.forEach(row -> text.append(line(row)));
        return text.toString();
    }

    private static String line(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }

    /** The median, with the extremes where there are several values. */
    static String spread(Optional<Sample> sample, DoubleFunction<String> format) {
        return sample.map(s -> format.apply(s.median())
                        + (s.values().size() == 1
                                ? ""
                                : " (" + format.apply(s.min()) + " to " + format.apply(s.max()) + ")"))
                .orElse(ABSENT);
    }

    static String median(Optional<Sample> sample, DoubleFunction<String> format) {
        return sample.map(s -> format.apply(s.median())).orElse(ABSENT);
    }

    /** The quotient of two medians in percent. */
    static String share(Optional<Sample> part, Optional<Sample> whole) {
        return part.isEmpty() || whole.isEmpty()
                ? ABSENT
                : format("%.0f %%", 100 * part.get().median() / whole.get().median());
    }

    static String rate(double value) {
        return format(value < 100 ? "%.1f" : "%.0f", value);
    }

    static String ratio(double value) {
        return format("%.2f", value);
    }

    static String giga(double value) {
        return format("%.1f", value / 1e9);
    }

    static String megabytes(double bytes) {
        return format("%.0f", bytes / 1e6);
    }

    static String milliseconds(double seconds) {
        return format("%.0f", 1e3 * seconds);
    }

    private static String format(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
