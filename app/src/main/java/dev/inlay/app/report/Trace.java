package dev.inlay.app.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a run has left in its directory.
 *
 * @param path of the directory, as the user named it
 * @param record {@code run.json}
 * @param description what the run works on; runs of earlier versions have none
 * @param result {@code result.json}; only a run that came to its end has one
 */
record Trace(
        Path path, JsonObject record, History history, Optional<Description> description, Optional<JsonObject> result) {
    private static final String RECORD = "run.json";
    private static final String METRICS = "metrics.jsonl";

    static Trace read(Path directory) {
        for (String name : new String[] {RECORD, METRICS}) {
            if (!Files.exists(directory.resolve(name))) {
                throw InlayException.data(
                        "%s: expected the directory of a training run (%s and %s), found no %s",
                        directory, RECORD, METRICS, name);
            }
        }
        return new Trace(
                directory,
                Json.readObject(directory.resolve(RECORD)),
                History.read(directory.resolve(METRICS)),
                existing(directory.resolve(Description.FILE)).map(Description::read),
                existing(directory.resolve(RunReport.RESULT)).map(Json::readObject));
    }

    private static Optional<Path> existing(Path file) {
        return Files.exists(file) ? Optional.of(file) : Optional.empty();
    }

    String name() {
        return record.text(
                "name", String.valueOf(path.toAbsolutePath().normalize().getFileName()));
    }

    /** How the run ended, in words. */
    String status() {
        return history.end().map(end -> words(end.status())).orElse("not finished");
    }

    private static String words(String status) {
        return status.equals("early") ? "done early" : status;
    }

    /** The values in some parts of the record, by their paths, sorted; what is not there is left out. */
    Map<String, String> values(String... parts) {
        Map<String, String> values = new TreeMap<>();
        for (String part : parts) {
            flatten("", record.get(part), values, part);
        }
        return values;
    }

    private static void flatten(String prefix, JsonNode node, Map<String, String> values, String name) {
        String path = prefix + name;
        if (node.isObject()) {
            node.properties().forEach(field -> flatten(path + ".", field.getValue(), values, field.getKey()));
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                flatten(path, node.get(i), values, "[" + i + "]");
            }
        } else if (!node.isMissingNode()) {
            values.put(path, node.asText());
        }
    }

    /** Facts about the model by their names. */
    Map<String, String> model() {
        Map<String, String> facts = new LinkedHashMap<>();
        description.ifPresent(known -> known.model().forEach(fact -> facts.put(fact.name(), fact.value())));
        return facts;
    }

    /** A number of the result, NaN where it is not known. */
    double result(String key) {
        return result.map(known -> known.number(key, Double.NaN)).orElse(Double.NaN);
    }
}
