package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.RegularFile;
import dev.inlay.model.files.StrictUtf8;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import dev.inlay.training.data.TurnParser;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A prompt and the adapters that act on it.
 *
 * @param text the prompt, or the last turn of a conversation
 * @param conversation that the assistant goes on with; empty where the text is all
 */
record PromptRow(String text, Optional<Conversation> conversation, List<AdapterUse> adapters) {
    private static final int LIMIT = 256 << 20;
    private static final Set<String> KEYS = Set.of("prompt", "messages", "tools", "adapter", "weights");

    PromptRow(String text, List<AdapterUse> adapters) {
        this(text, Optional.empty(), adapters);
    }

    /**
     * Reads JSON lines: {@code prompt}, a text, or {@code messages} as in training data; {@code adapter}, a directory or a list of them; {@code weights}, one number
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
                JsonObject row = Json.parseObject(lines[i], file + ", line " + (i + 1));
                rows.add(of(row, conversation(row, lines[i], file.toString(), i + 1), usual));
            }
        }
        if (rows.isEmpty()) {
            throw InlayException.data("%s: has no prompt; a line is {\"prompt\": \"...\", \"adapter\": \"...\"}", file);
        }
        return rows;
    }

    private static Optional<Conversation> conversation(JsonObject row, String line, String name, int number) {
        if (!row.has("messages")) {
            return Optional.empty();
        }
        if (row.has("prompt")) {
            throw InlayException.data("%s: a row has a prompt or messages, found both", row.where());
        }
        Conversation conversation = TurnParser.conversation(Json.parse(line, row.where()), name, number);
        if (last(conversation).role().equals("assistant")) {
            throw InlayException.data(
                    "%s: the last message is the assistant's, who is to speak next; leave it out", row.where());
        }
        return Optional.of(conversation);
    }

    private static PromptRow of(JsonObject row, Optional<Conversation> conversation, List<AdapterUse> usual) {
        Set<String> unknown = new TreeSet<>(row.keys());
        unknown.removeAll(KEYS);
        if (!unknown.isEmpty()) {
            throw InlayException.data(
                    "%s: unknown key %s; a row has prompt or messages, adapter and weights",
                    row.where(), unknown.iterator().next());
        }
        String text = conversation.map(turns -> last(turns).content()).orElseGet(() -> row.text("prompt"));
        if (!row.has("adapter")) {
            if (row.has("weights")) {
                throw InlayException.data("%s: weights without an adapter; name it, or leave them out", row.where());
            }
            return new PromptRow(text, conversation, usual);
        }
        List<Double> weights = row.has("weights") ? row.numbers("weights") : List.of();
        List<Path> places = places(row);
        if (!weights.isEmpty() && weights.size() != places.size()) {
            throw InlayException.data(
                    "%s: %d weights for %d adapters; give one for each", row.where(), weights.size(), places.size());
        }
        return new PromptRow(text, conversation, AdapterUse.of(places, weights));
    }

    private static Message last(Conversation conversation) {
        List<Message> messages = conversation.messages();
        return messages.get(messages.size() - 1);
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
