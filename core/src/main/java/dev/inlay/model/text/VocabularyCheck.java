package dev.inlay.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Checks the model and the added tokens of a {@code tokenizer.json} and collects the id of every token.
 *
 * <p>The model must be BPE. Ids run from 0 without holes and no two tokens share one; every part and every result of a
 * merge is a token; with {@code byte_fallback} all 256 byte tokens {@code <0x00>} to {@code <0xFF>} exist; an
 * {@code unk_token} is a token. The native library numbers the added tokens by itself and ignores the ids of the file, so
 * a file whose ids it would change is refused.
 */
final class VocabularyCheck {
    /** The largest vocabulary that is believed. */
    static final int MOST = 2_000_000;

    private final Path file;
    private final Map<String, Integer> ids = new HashMap<>();
    private final List<AddedToken> added = new ArrayList<>();

    VocabularyCheck(Path file) {
        this.file = file;
    }

    Map<String, Integer> ids() {
        return ids;
    }

    List<AddedToken> added() {
        return added;
    }

    void check(JsonNode root) {
        JsonNode model = root.path("model");
        String type = model.path("type").asText(model.has("merges") ? "BPE" : "unknown");
        if (!type.equals("BPE")) {
            throw refuse("the model type " + Texts.quoted(type) + " is not supported; supported is BPE");
        }
        vocabulary(model.path("vocab"));
        addedTokens(root.path("added_tokens"));
        withoutHoles();
        settings(model);
        merges(model.path("merges"), model.path("end_of_word_suffix").asText(""));
    }

    private void vocabulary(JsonNode vocabulary) {
        if (!vocabulary.isObject() || vocabulary.isEmpty() || vocabulary.size() > MOST) {
            throw refuse("model.vocab must be an object of 1 to " + MOST + " tokens");
        }
        BitSet taken = new BitSet(vocabulary.size());
        for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
            int id = id(entry.getKey(), entry.getValue());
            if (taken.get(id)) {
                throw refuse("two tokens have the id " + id + "; one is " + Texts.quoted(entry.getKey()));
            }
            taken.set(id);
            ids.put(entry.getKey(), id);
        }
    }

    private int id(String token, JsonNode id) {
        if (!id.isInt() || id.intValue() < 0 || id.intValue() >= MOST) {
            throw refuse("the token " + Texts.quoted(token) + " has the id " + id + "; expected 0 to " + (MOST - 1));
        }
        return id.intValue();
    }

    private void addedTokens(JsonNode list) {
        if (!list.isMissingNode() && !list.isNull() && !list.isArray()) {
            throw refuse("added_tokens must be a list");
        }
        int vocabulary = ids.size();
        int largest = -1;
        Set<String> contents = new HashSet<>();
        Set<Integer> numbers = new HashSet<>();
        for (JsonNode entry : list) {
            String content = entry.path("content").asText();
            if (content.isEmpty()) {
                throw refuse("an added token without content");
            }
            int id = id(content, entry.path("id"));
            if (!contents.add(content) || !numbers.add(id)) {
                throw refuse("the added token " + Texts.quoted(content) + " or its id " + id + " is given twice");
            }
            int given = ids.getOrDefault(content, largest < vocabulary ? vocabulary : largest + 1);
            if (given != id) {
                throw refuse("the added token " + Texts.quoted(content) + " is declared with id " + id
                        + ", but by the vocabulary it" + " gets id " + given
                        + "; ids of added tokens must continue the vocabulary");
            }
            largest = Math.max(largest, id);
            ids.put(content, id);
            added.add(new AddedToken(id, content, entry.path("special").asBoolean(false)));
        }
    }

    private void withoutHoles() {
        BitSet taken = new BitSet();
        ids.values().forEach(taken::set);
        int hole = taken.nextClearBit(0);
        if (hole < taken.length()) {
            throw refuse("no token has the id " + hole + ", although ids go up to " + (taken.length() - 1));
        }
    }

    private void settings(JsonNode model) {
        if (!model.path("continuing_subword_prefix").asText("").isEmpty()
                && !model.path("continuing_subword_prefix").isNull()) {
            throw refuse("model.continuing_subword_prefix is not supported");
        }
        if (model.path("dropout").asDouble(0) != 0) {
            throw refuse("model.dropout makes encoding random; expected none");
        }
        JsonNode unknown = model.path("unk_token");
        if (unknown.isTextual() && !ids.containsKey(unknown.asText())) {
            throw refuse("unk_token " + Texts.quoted(unknown.asText()) + " is not in the vocabulary");
        }
        if (model.path("byte_fallback").asBoolean(false)) {
            byteTokens();
        }
    }

    private void byteTokens() {
        for (int b = 0; b < 256; b++) {
            String token = String.format(Locale.ROOT, "<0x%02X>", b);
            if (!ids.containsKey(token)) {
                throw refuse("byte_fallback is on, but the byte token " + token + " is missing");
            }
        }
        for (String token : ids.keySet()) {
            if (token.length() == 6
                    && token.startsWith("<0x")
                    && token.endsWith(">")
                    && !token.matches("<0x[0-9A-F]{2}>")) {
                throw refuse("byte_fallback is on and " + Texts.quoted(token)
                        + " is not a byte token, though it looks like one");
            }
        }
    }

    private void merges(JsonNode merges, String suffix) {
        if (!merges.isArray()) {
            throw refuse("model.merges must be a list of \"a b\" or [\"a\", \"b\"]");
        }
        Iterator<JsonNode> each = merges.elements();
        for (int number = 1; each.hasNext(); number++) {
            JsonNode merge = each.next();
            String[] parts = parts(merge);
            if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
                throw refuse("merge " + number + " is " + Texts.quoted(merge.toString())
                        + "; expected two tokens separated by one space");
            }
            for (String token : List.of(parts[0], parts[1], parts[0] + parts[1])) {
                if (!ids.containsKey(token)) {
                    throw refuse("merge " + number + " needs the token " + Texts.quoted(token)
                            + ", which is not in the vocabulary"
                            + (suffix.isEmpty() ? "" : " (suffix " + suffix + ")"));
                }
            }
        }
    }

    static String[] parts(JsonNode merge) {
        if (merge.isTextual()) {
            return merge.asText().split(" ", -1);
        }
        boolean pair =
                merge.size() == 2 && merge.path(0).isTextual() && merge.path(1).isTextual();
        return pair ? new String[] {merge.path(0).asText(), merge.path(1).asText()} : new String[0];
    }

    private InlayException refuse(String what) {
        return InlayException.data("%s: %s", file, what);
    }
}
