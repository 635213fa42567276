package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.RegularFile;
import dev.inlay.model.files.StrictUtf8;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A prompt and the adapters that act on it. */
record PromptRow(String text, List<AdapterUse> adapters) {
    private static final int LIMIT = 256 << 20;
    private static final Set<String> KEYS = Set.of("prompt", "adapter", "weights");

    /**
     * Reads JSON lines: {@code prompt}, a text; {@code adapter}, a directory or a list of them; {@code weights}, one number
     * for each. Blank lines are skipped, other keys are errors.
     *
     * @param usual the adapters of a row that names none
     */
    static List<PromptRow> read(Path file, List<AdapterUse> usual) {
        String[] lines = StrictUtf8.decode(RegularFile.read(file, LIMIT), file.toString())
                .split("\\R", -1);
        List<PromptRow> rows = new ArrayList<>();
        for (int i = 0; i < lines.length; i++) {
            if (!lines[i].isBlank()) {
                rows.add(of(Json.parseObject(lines[i], file + ", line " + (i + 1)), usual));
            }
        }
        if (rows.isEmpty()) {
            throw InlayException.data("%s: has no prompt; a line is {\"prompt\": \"...\", \"adapter\": \"...\"}", file);
        }
        return rows;
    }

    private static PromptRow of(JsonObject row, List<AdapterUse> usual) {
        Set<String> unknown = new TreeSet<>(row.keys());
        unknown.removeAll(KEYS);
        if (!unknown.isEmpty()) {
            throw InlayException.data(
                    "%s: unknown key %s; a row has prompt, adapter and weights",
                    row.where(), unknown.iterator().next());
        }
        String text = row.text("prompt");
        if (!row.has("adapter")) {
            if (row.has("weights")) {
                throw InlayException.data("%s: weights without an adapter; name it, or leave them out", row.where());
            }
            return new PromptRow(text, usual);
        }
        List<Double> weights = row.has("weights") ? row.numbers("weights") : List.of();
        List<Path> places = places(row);
        if (!weights.isEmpty() && weights.size() != places.size()) {
            throw InlayException.data(
                    "%s: %d weights for %d adapters; give one for each", row.where(), weights.size(), places.size());
        }
        return new PromptRow(text, AdapterUse.of(places, weights));
    }

    private static List<Path> places(JsonObject row) {
        JsonNode named = row.get("adapter");
        List<String> names = named.isTextual() ? List.of(named.asText()) : row.texts("adapter");
        try {
            return names.stream().map(Path::of).toList();
        } catch (InvalidPathException e) {
            throw row.wrong("adapter", "a directory").causedBy(e);
        }
    }
}
