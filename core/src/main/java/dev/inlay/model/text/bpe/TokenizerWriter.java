package dev.inlay.model.text.bpe;

import dev.inlay.model.files.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a learned vocabulary as Hugging Face lays out a tokenizer.
 *
 * <ul>
 *   <li>{@code tokenizer.json}: model {@code BPE} with {@code vocab} (token to id) and {@code merges} (pairs, in order); the
 *       byte-level pre-tokenizer and decoder of GPT-2; a post-processor that puts {@code <|begin|>} in front;
 *       {@link ControlTokens} as special added tokens
 *   <li>{@code tokenizer_config.json}: names of begin, end and padding token, and the chat template
 * </ul>
 */
public final class TokenizerWriter {
    private TokenizerWriter() {}

    /** Writes both files into a directory that exists. */
    public static void write(BytePairs learned, Path directory) throws IOException {
        Files.writeString(
                directory.resolve("tokenizer.json"), Json.line(tokenizer(learned)) + "\n", StandardCharsets.UTF_8);
        Json.write(directory.resolve("tokenizer_config.json"), config());
    }

    private static Map<String, Object> tokenizer(BytePairs learned) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("version", "1.0");
        root.put("truncation", null);
        root.put("padding", null);
        root.put(
                "added_tokens",
                ControlTokens.all().stream().map(token -> added(learned, token)).toList());
        root.put("normalizer", null);
        root.put("pre_tokenizer", byteLevel());
        root.put("post_processor", begin(learned.tokens().indexOf(ControlTokens.BEGIN)));
        root.put("decoder", byteLevel());
        root.put("model", model(learned));
        return root;
    }

    private static Map<String, Object> added(BytePairs learned, String token) {
        Map<String, Object> added = new TreeMap<>();
        added.put("id", learned.tokens().indexOf(token));
        added.put("content", token);
        for (String off : List.of("single_word", "lstrip", "rstrip", "normalized")) {
            added.put(off, false);
        }
        added.put("special", true);
        return added;
    }

    private static Map<String, Object> byteLevel() {
        return Map.of("type", "ByteLevel", "add_prefix_space", false, "trim_offsets", true, "use_regex", true);
    }

    private static Map<String, Object> begin(int id) {
        Map<String, Object> begin = Map.of("SpecialToken", Map.of("id", ControlTokens.BEGIN, "type_id", 0));
        Map<String, Object> first = Map.of("Sequence", Map.of("id", "A", "type_id", 0));
        Map<String, Object> second = Map.of("Sequence", Map.of("id", "B", "type_id", 1));
        Map<String, Object> token =
                Map.of("id", ControlTokens.BEGIN, "ids", List.of(id), "tokens", List.of(ControlTokens.BEGIN));
        return Map.of(
                "type", "TemplateProcessing",
                "single", List.of(begin, first),
                "pair", List.of(begin, first, second),
                "special_tokens", Map.of(ControlTokens.BEGIN, token));
    }

    private static Map<String, Object> model(BytePairs learned) {
        Map<String, Integer> vocabulary = new TreeMap<>();
        for (int id = 0; id < learned.tokens().size(); id++) {
            vocabulary.put(learned.tokens().get(id), id);
        }
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "BPE");
        model.put("dropout", null);
        model.put("unk_token", null);
        model.put("continuing_subword_prefix", null);
        model.put("end_of_word_suffix", null);
        model.put("fuse_unk", false);
        model.put("byte_fallback", false);
        model.put("ignore_merges", false);
        model.put("vocab", vocabulary);
        model.put(
                "merges",
                learned.merges().stream()
                        .map(merge -> List.of(merge.left(), merge.right()))
                        .toList());
        return model;
    }

    private static Map<String, Object> config() {
        Map<String, Object> config = new TreeMap<>();
        config.put("bos_token", ControlTokens.BEGIN);
        config.put("eos_token", ControlTokens.END);
        config.put("pad_token", ControlTokens.PAD);
        config.put("chat_template", ControlTokens.TEMPLATE);
        config.put("clean_up_tokenization_spaces", false);
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        return config;
    }
}
