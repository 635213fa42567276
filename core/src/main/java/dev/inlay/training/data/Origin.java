package dev.inlay.training.data;

import static java.util.stream.Collectors.joining;

import java.util.List;

/**
 * Where an example comes from, for messages that a person can follow into the file.
 *
 * @param file its name; empty where it is of no file
 * @param line of the row in it, from 1
 * @param start of the row's text, cut to a few words; empty where it has none
 */
public record Origin(String file, int line, String start) {
    private static final int SHOWN = 60;
    /** Of several, as many are named. */
    private static final int NAMED = 8;

    static Origin of(String file, Row row) {
        String text =
                row.texts().stream().filter(each -> !each.isBlank()).findFirst().orElse("");
        boolean whole = text.codePointCount(0, text.length()) <= SHOWN;
        return new Origin(
                file, row.line(), whole ? text : text.substring(0, text.offsetByCodePoints(0, SHOWN)) + "...");
    }

    /** The file's line, as errors of data name it. */
    String place() {
        return file.isEmpty() ? "line " + line : file + " line " + line;
    }

    /** The lines of several, the first of them; each once. */
    public static String places(List<Origin> origins) {
        List<String> places = origins.stream().map(Origin::place).distinct().toList();
        String first = places.stream().limit(NAMED).collect(joining(", "));
        return places.size() <= NAMED ? first : first + " and " + (places.size() - NAMED) + " more";
    }

    /** The line and the start of its text. */
    @Override
    public String toString() {
        return start.isEmpty() ? place() : place() + " (\"" + start + "\")";
    }
}
