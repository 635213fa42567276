package dev.inlay.app.experiments.world;

import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import dev.inlay.training.data.Row;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A text and the truth about it.
 *
 * @param text the whole; a chat has a line {@code user: ...} for each turn
 * @param messages the turns of a chat, empty where there is one speaker only
 * @param labels what the grammar notes, in order: topic of each sentence, sentiment, facts, ...
 * @param nats surprise of its choices, by kind; their sum is the negative logarithm of the probability of the text
 * @param world whose facts it tells
 */
record Document(
        String text, List<Message> messages, Map<String, List<String>> labels, Map<Kind, Double> nats, World world) {
    static final String REGISTER = "register";
    static final String FACTS = "facts";
    static final String TOPIC = "topic";
    static final String TURN = "turn";

    Document {
        messages = List.copyOf(messages);
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
        nats = Collections.unmodifiableMap(new EnumMap<>(nats));
    }

    /** What begins a turn in the text of a chat. */
    static String header(String role) {
        return "\n" + role + ": ";
    }

    Register register() {
        return Register.named(label(REGISTER));
    }

    /** The only value of a label; empty where the text has none. */
    String label(String name) {
        List<String> values = labels.getOrDefault(name, List.of());
        return values.isEmpty() ? "" : values.get(0);
    }

    /** The share of each topic in the sentences that have one. */
    Map<String, Double> topics() {
        List<String> each = labels.getOrDefault(TOPIC, List.of());
        Map<String, Double> shares = new TreeMap<>();
        each.forEach(topic -> shares.merge(topic, 1.0 / each.size(), Double::sum));
        return shares;
    }

    /** As a row that a model reads. */
    Row row(int line) {
        return messages.isEmpty() ? new Row.TextRow(line, text) : new Row.ChatRow(line, Conversation.of(messages));
    }

    /** Negative log-probability in nats: the least loss that a model can have on average which knows no facts. */
    double floor() {
        return nats.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    /** The same for a model that knows the world of the text: its facts cost nothing. */
    double floorKnowingTheWorld() {
        return floor() - nats.getOrDefault(Kind.FACT, 0.0);
    }

    /** Words as white space separates them, headers of turns left out. */
    int words() {
        return contents().stream()
                .mapToInt(content -> content.split("\\s+", -1).length)
                .sum();
    }

    private List<String> contents() {
        List<String> contents = new ArrayList<>();
        messages.forEach(message -> contents.add(message.content()));
        return contents.isEmpty() ? List.of(text) : contents;
    }
}
