package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.model.Reading;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.RegularFile;
import dev.inlay.model.files.StrictUtf8;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import dev.inlay.training.data.TokenParser;
import dev.inlay.training.data.TurnParser;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * A prompt and the adapters that act on it.
 *
 * @param text the prompt, the last turn of a conversation, or a list of tokens
 * @param conversation that the assistant goes on with; empty where the text or the tokens are all
 * @param tokens where they are given instead of a text
 */
record PromptRow(
        String text, Optional<Conversation> conversation, Optional<Reading> tokens, List<AdapterUse> adapters) {
    private static final int LIMIT = 256 << 20;
    private static final Set<String> KEYS = Set.of("prompt", "messages", "tools", "ids", "open", "adapter", "weights");

    PromptRow(String text, List<AdapterUse> adapters) {
        this(text, Optional.empty(), Optional.empty(), adapters);
    }

    /**
     * Reads JSON lines: {@code prompt}, a text, or {@code messages} or {@code ids} with {@code open} as in training data;
     * {@code adapter}, a directory or a list of them; {@code weights}, one number for each. Blank lines are skipped, other
     * keys are errors.
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
                rows.add(of(row, lines[i], new Where(file.toString(), i + 1), adapters(row, usual)));
            }
        }
        if (rows.isEmpty()) {
            throw InlayException.data("%s: has no prompt; a line is {\"prompt\": \"...\", \"adapter\": \"...\"}", file);
        }
        return rows;
    }

    private record Where(String file, int line) {}

    private static PromptRow of(JsonObject row, String line, Where where, List<AdapterUse> adapters) {
        Set<String> unknown = new TreeSet<>(row.keys());
        unknown.removeAll(KEYS);
        if (!unknown.isEmpty()) {
            throw InlayException.data(
                    "%s: unknown key %s; a row has prompt, messages or ids, adapter and weights",
                    row.where(), unknown.iterator().next());
        }
        List<String> forms =
                Stream.of("prompt", "messages", "ids").filter(row::has).toList();
        if (forms.size() > 1) {
            throw InlayException.data("%s: a row has one of prompt, messages and ids, found %s", row.where(), forms);
        }
        JsonNode whole = Json.parse(line, row.where());
        if (row.has("ids")) {
            Reading tokens = TokenParser.reading(whole, where.file(), where.line());
            return new PromptRow(Arrays.toString(tokens.ids()), Optional.empty(), Optional.of(tokens), adapters);
        }
        if (row.has("open")) {
            throw InlayException.data("%s: open is of rows of ids; leave it out, or give the ids", row.where());
        }
        if (row.has("messages")) {
            Conversation conversation = conversation(row, whole, where);
            return new PromptRow(last(conversation).content(), Optional.of(conversation), Optional.empty(), adapters);
        }
        return new PromptRow(row.text("prompt"), adapters);
    }

    private static Conversation conversation(JsonObject row, JsonNode whole, Where where) {
        Conversation conversation = TurnParser.conversation(whole, where.file(), where.line());
        if (last(conversation).role().equals("assistant")) {
            throw InlayException.data(
                    "%s: the last message is the assistant's, who is to speak next; leave it out", row.where());
        }
        return conversation;
    }

    private static List<AdapterUse> adapters(JsonObject row, List<AdapterUse> usual) {
        if (!row.has("adapter")) {
            if (row.has("weights")) {
                throw InlayException.data("%s: weights without an adapter; name it, or leave them out", row.where());
            }
            return usual;
        }
        List<Double> weights = row.has("weights") ? row.numbers("weights") : List.of();
        List<Path> places = places(row);
        if (!weights.isEmpty() && weights.size() != places.size()) {
            throw InlayException.data(
                    "%s: %d weights for %d adapters; give one for each", row.where(), weights.size(), places.size());
        }
        return AdapterUse.of(places, weights);
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
