package dev.inlay.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * Checks the steps around the model of a {@code tokenizer.json}: normalizer, pre_tokenizer, post_processor, decoder.
 *
 * <p>Only kinds that byte-pair tokenizers of language models use are accepted, and of their parameters only values that
 * cannot end the process or make a text grow without bound:
 *
 * <ul>
 *   <li>{@code Replace}: the pattern is not empty; all replacements together may make a text at most 16 times longer.
 *   <li>{@code Prepend}: 1 to 16 characters.
 *   <li>{@code Strip} as decoder: {@code stop} is 0 (the library fails on short tokens otherwise), {@code start} at most 64.
 *   <li>{@code Split}, {@code Replace} with {@code Regex}: {@link RegexCheck}.
 *   <li>{@code TemplateProcessing}, {@code RobertaProcessing}, {@code BertProcessing}: every special token is defined and
 *       has the id that the vocabulary gives it.
 * </ul>
 */
final class ComponentCheck {
    private static final int GROWTH = 16;

    private static final Set<String> NORMALIZERS = Set.of(
            "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Strip", "StripAccents", "BertNormalizer", "Nmt", "ByteLevel");
    private static final Set<String> PRE_TOKENIZERS = Set.of(
            "ByteLevel",
            "Metaspace",
            "Digits",
            "Whitespace",
            "WhitespaceSplit",
            "Punctuation",
            "BertPreTokenizer",
            "UnicodeScripts",
            "CharDelimiterSplit");
    private static final Set<String> DECODERS = Set.of("ByteLevel", "ByteFallback", "Fuse", "Metaspace", "BPEDecoder");

    private final Path file;
    private final Map<String, Integer> ids;
    private double growth = 1;

    ComponentCheck(Path file, Map<String, Integer> ids) {
        this.file = file;
        this.ids = ids;
    }

    void check(JsonNode root) {
        normalizer(root.path("normalizer"));
        preTokenizer(root.path("pre_tokenizer"));
        postProcessor(root.path("post_processor"));
        decoder(root.path("decoder"));
        truncation(root.path("truncation"));
    }

    private void normalizer(JsonNode step) {
        if (absent(step, "normalizer")) {
            return;
        }
        String type = type(step, "normalizer");
        switch (type) {
            case "Sequence" -> list(step, "normalizers").forEach(this::normalizer);
            case "Prepend" -> text(step, "prepend", 1, GROWTH);
            case "Replace" -> replace(step);
            default -> known(NORMALIZERS, "normalizer", type);
        }
    }

    private void preTokenizer(JsonNode step) {
        if (absent(step, "pre_tokenizer")) {
            return;
        }
        String type = type(step, "pre_tokenizer");
        switch (type) {
            case "Sequence" -> list(step, "pretokenizers").forEach(this::preTokenizer);
            case "Split" -> pattern(step);
            default -> known(PRE_TOKENIZERS, "pre_tokenizer", type);
        }
    }

    private void decoder(JsonNode step) {
        if (absent(step, "decoder")) {
            return;
        }
        String type = type(step, "decoder");
        switch (type) {
            case "Sequence" -> list(step, "decoders").forEach(this::decoder);
            case "Replace" -> replace(step);
            case "Strip" -> {
                bounded(step, "start", 64);
                bounded(step, "stop", 0);
            }
            default -> known(DECODERS, "decoder", type);
        }
    }

    private void postProcessor(JsonNode step) {
        if (absent(step, "post_processor")) {
            return;
        }
        String type = type(step, "post_processor");
        switch (type) {
            case "Sequence" -> list(step, "processors").forEach(this::postProcessor);
            case "TemplateProcessing" -> template(step);
            case "RobertaProcessing", "BertProcessing" -> {
                pair(step.path("sep"));
                pair(step.path("cls"));
            }
            default -> known(Set.of("ByteLevel"), "post_processor", type);
        }
    }

    private void template(JsonNode step) {
        JsonNode defined = step.path("special_tokens");
        for (JsonNode special : defined) {
            JsonNode tokens = special.path("tokens");
            JsonNode numbers = special.path("ids");
            if (tokens.isEmpty() || tokens.size() != numbers.size()) {
                throw refuse("the post_processor defines a special token without as many ids as tokens");
            }
            for (int i = 0; i < tokens.size(); i++) {
                sameId(tokens.path(i), numbers.path(i));
            }
        }
        int texts = 0;
        for (JsonNode piece : list(step, "single")) {
            JsonNode sequence = piece.path("Sequence").path("id");
            String special = piece.path("SpecialToken").path("id").asText();
            if (sequence.asText().equals("A")) {
                texts++;
            } else if (!defined.has(special)) {
                throw refuse("the post_processor names the special token " + Texts.quoted(special)
                        + ", which it does not define");
            }
        }
        if (texts != 1) {
            throw refuse("the post_processor must place the text exactly once, but places it " + texts + " times");
        }
    }

    private void pair(JsonNode tokenAndId) {
        sameId(tokenAndId.path(0), tokenAndId.path(1));
    }

    private void sameId(JsonNode token, JsonNode id) {
        Integer expected = ids.get(token.asText());
        if (!id.isInt() || expected == null || expected != id.intValue()) {
            throw refuse("the post_processor gives " + Texts.quoted(token.asText()) + " the id " + id
                    + ", the vocabulary " + (expected == null ? "has no such token" : "says " + expected));
        }
    }

    /** Truncation and padding of the file are never applied, but values that make no sense show a damaged file. */
    private void truncation(JsonNode truncation) {
        if (truncation.isMissingNode() || truncation.isNull()) {
            return;
        }
        long length = truncation.path("max_length").asLong(0);
        long stride = truncation.path("stride").asLong(0);
        if (length < 1 || stride < 0 || stride >= length) {
            throw refuse("truncation has stride " + stride + " and max_length " + length
                    + "; expected 0 <= stride < max_length");
        }
    }

    private void replace(JsonNode step) {
        int from = pattern(step);
        int to = text(step, "content", 0, 1_000).length();
        growth *= Math.max(1.0, (double) to / from);
        if (growth > GROWTH) {
            throw refuse("replacements that make a text more than " + GROWTH + " times longer");
        }
    }

    /** Checks a literal or regular pattern and answers the least length of what it matches. */
    private int pattern(JsonNode step) {
        JsonNode pattern = step.path("pattern");
        if (pattern.path("String").isTextual()
                && !pattern.path("String").asText().isEmpty()) {
            return pattern.path("String").asText().length();
        }
        if (!pattern.path("Regex").isTextual()) {
            throw refuse("a pattern that is neither a non-empty String nor a Regex");
        }
        RegexCheck.check(file, pattern.path("Regex").asText());
        return 1;
    }

    private boolean absent(JsonNode step, String what) {
        if (step.isMissingNode() || step.isNull()) {
            return true;
        }
        if (!step.isObject()) {
            throw refuse("the " + what + " is not an object");
        }
        return false;
    }

    private String type(JsonNode step, String what) {
        JsonNode type = step.path("type");
        if (!type.isTextual()) {
            throw refuse("a " + what + " without a type");
        }
        return type.asText();
    }

    private JsonNode list(JsonNode step, String key) {
        JsonNode list = step.path(key);
        if (!list.isArray() || list.size() > 64) {
            throw refuse(Texts.quoted(key) + " is not a list of at most 64 steps");
        }
        return list;
    }

    private String text(JsonNode step, String key, int least, int most) {
        JsonNode text = step.path(key);
        if (!text.isTextual() || text.asText().length() < least || text.asText().length() > most) {
            throw refuse(Texts.quoted(key) + " must be a text of " + least + " to " + most + " characters");
        }
        return text.asText();
    }

    private void bounded(JsonNode step, String key, int most) {
        JsonNode value = step.path(key);
        if (!value.isInt() || value.intValue() < 0 || value.intValue() > most) {
            throw refuse("the Strip decoder has " + key + " " + value + "; supported is 0 to " + most);
        }
    }

    private void known(Set<String> kinds, String what, String type) {
        if (!kinds.contains(type)) {
            throw refuse("the " + what + " " + Texts.quoted(type) + " is not supported");
        }
    }

    private InlayException refuse(String what) {
        return InlayException.data("%s: %s", file, what);
    }
}
