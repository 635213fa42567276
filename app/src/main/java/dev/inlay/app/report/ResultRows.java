package dev.inlay.app.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.model.files.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The rows of the table of results: what {@code result.json} holds, in words; a key without words as it stands. */
final class ResultRows {
    /** In the order of showing. */
    private static final List<Map.Entry<String, String>> KNOWN = List.of(
            Map.entry("status", "ended"),
            Map.entry("steps", "steps"),
            Map.entry("loss", "training loss of the last step"),
            Map.entry("validation_loss", "validation loss of what was written, read again from disk"),
            Map.entry("base_validation_loss", "validation loss without the adapter"),
            Map.entry("best_step", "step of the best validation loss"),
            Map.entry("logits_changed_max", "largest change of a logit on the probe"),
            Map.entry("logits_changed_kl", "KL divergence from the base on the probe, in nats"),
            Map.entry("base_checksum", "checksum of the base's weights, before and after"),
            Map.entry("tokens", "tokens of all steps"),
            Map.entry("parameters", "trained parameters"),
            Map.entry("answers", "answers compared"),
            Map.entry("answers_loss", "loss per answer with the adapter"),
            Map.entry("base_answers_loss", "loss per answer without the adapter"),
            Map.entry("least_answers_loss", "least loss per answer that any model can have"),
            Map.entry("right", "right answers with the adapter"),
            Map.entry("base_right", "right answers without the adapter"),
            Map.entry("best_right", "right answers of the best possible model"),
            Map.entry("run", "directory of the run"),
            Map.entry("model", "directory of the model"),
            Map.entry("adapter", "directory of the adapter"));

    private ResultRows() {}

    static List<List<String>> of(JsonObject result) {
        List<List<String>> rows = new ArrayList<>();
        KNOWN.stream()
                .filter(known -> result.has(known.getKey()))
                .forEach(known -> rows.add(List.of(known.getValue(), value(known.getKey(), result))));
        result.keys().stream()
                .filter(key -> KNOWN.stream().noneMatch(known -> known.getKey().equals(key)))
                .forEach(key -> rows.add(List.of(key, value(key, result))));
        return rows;
    }

    private static String value(String key, JsonObject result) {
        JsonNode value = result.get(key);
        if (!value.isFloatingPointNumber()) {
            return value.asText();
        }
        double number = result.number(key);
        return key.endsWith("loss")
                ? Words.loss(number) + " nats (perplexity " + Words.perplexity(number) + ")"
                : Words.small(number);
    }
}
