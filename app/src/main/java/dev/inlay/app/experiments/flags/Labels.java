package dev.inlay.app.experiments.flags;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.training.data.JsonLines;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** One label of each row: {@code rows.labels.jsonl} says line for line the truth about {@code rows.jsonl}. */
public final class Labels {
    private static final String ROWS = ".jsonl";

    private Labels() {}

    /** The file that lies beside rows. */
    public static Path beside(Path rows) {
        String name = String.valueOf(rows.getFileName());
        if (!name.endsWith(ROWS)) {
            throw InlayException.usage("%s: labels lie beside files ending in .jsonl", rows);
        }
        return rows.resolveSibling(name.substring(0, name.length() - ROWS.length()) + ".labels" + ROWS);
    }

    /**
     * A label of every line.
     *
     * @param key whose value is text, a number or a boolean
     * @return by line number
     */
    public static Map<Integer, String> read(Path file, String key) {
        Map<Integer, String> labels = new HashMap<>();
        JsonLines.read(file, (object, line) -> {
            JsonNode value = object.get(key);
            if (!value.isTextual() && !value.isNumber() && !value.isBoolean()) {
                throw InlayException.data(
                        "%s: expected a label \"%s\" that is text, a number or a boolean; the keys are %s",
                        object.where(), key, object.keys());
            }
            labels.put(line, value.asText());
        });
        return labels;
    }
}
