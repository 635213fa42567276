package dev.inlay.app.experiments.world;

import dev.inlay.model.files.Json;
import dev.inlay.model.text.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A document as lines of two files: the row that is trained on, and the truth about it.
 *
 * <table>
 * <caption>Keys of the truth</caption>
 * <tr><td>{@code register}, {@code world}</td><td>the world as a hexadecimal number</td></tr>
 * <tr><td>{@code nats}, {@code nats_known}</td><td>negative log-probability, also for who knows the world</td></tr>
 * <tr><td>{@code kinds}</td><td>the nats by kind of choice</td></tr>
 * <tr><td>{@code words}</td><td>as white space separates them</td></tr>
 * <tr><td>{@code topics}</td><td>share of each topic in the sentences that have one</td></tr>
 * <tr><td>{@code sentences}</td><td>the topic of each of these sentences, in order</td></tr>
 * <tr><td>{@code facts}</td><td>{@code [subject, relation, object]}, in order</td></tr>
 * <tr><td>{@code sentiment}</td><td>-2 to 2, reviews only</td></tr>
 * <tr><td>{@code asked}</td><td>the relation that a question is about</td></tr>
 * <tr><td>{@code key}, {@code flag}</td><td>of chats with a hidden key</td></tr>
 * </table>
 */
final class Rows {
    private Rows() {}

    static String row(Document document) {
        if (document.messages().isEmpty()) {
            return Json.line(Map.of("text", document.text()));
        }
        List<Map<String, String>> turns = new ArrayList<>();
        for (Message message : document.messages()) {
            Map<String, String> turn = new LinkedHashMap<>();
            turn.put("role", message.role());
            turn.put("content", message.content());
            turns.add(turn);
        }
        return Json.line(Map.of("messages", turns));
    }

    static String truth(Document document) {
        Map<String, Object> truth = new TreeMap<>();
        truth.put("register", document.register().toString());
        truth.put("world", Long.toHexString(document.world().id()));
        truth.put("nats", document.floor());
        truth.put("nats_known", document.floorKnowingTheWorld());
        truth.put("kinds", RegisterSummary.named(document.nats()));
        truth.put("words", document.words());
        truth.put("topics", document.topics());
        truth.put("sentences", document.labels().getOrDefault(Document.TOPIC, List.of()));
        truth.put(
                "facts",
                document.labels().getOrDefault(Document.FACTS, List.of()).stream()
                        .map(fact -> fact.split(" \\| ", -1))
                        .toList());
        for (String label : List.of("asked", "key", "flag")) {
            if (document.labels().containsKey(label)) {
                truth.put(label, document.label(label));
            }
        }
        if (document.labels().containsKey("sentiment")) {
            truth.put("sentiment", Integer.parseInt(document.label("sentiment")));
        }
        return Json.line(truth);
    }
}
