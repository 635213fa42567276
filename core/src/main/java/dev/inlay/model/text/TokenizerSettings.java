package dev.inlay.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.inlay.InlayException;
import dev.inlay.model.files.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the small files around {@code tokenizer.json} say about special tokens. All are optional.
 *
 * <ul>
 *   <li>{@code tokenizer_config.json}: {@code bos_token}, {@code eos_token}, {@code unk_token}, {@code sep_token},
 *       {@code pad_token}, {@code cls_token}, {@code mask_token}: text, or an object with {@code content};
 *       {@code added_tokens_decoder}: id to {@code {content, special, ...}}
 *   <li>{@code special_tokens_map.json}: the same names, used where the former has none
 *   <li>{@code generation_config.json}, {@code config.json}: {@code eos_token_id}, an integer or a list, and
 *       {@code bos_token_id}
 * </ul>
 *
 * @param named special tokens by name ({@code bos_token} and so on)
 * @param special contents that {@code added_tokens_decoder} marks special
 * @param eosIds every stop id that the four files name
 * @param bosId the first {@code bos_token_id} found
 */
record TokenizerSettings(Map<String, String> named, Set<String> special, Set<Integer> eosIds, OptionalInt bosId) {
    private static final List<String> NAMES =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    static TokenizerSettings read(Path directory) {
        JsonNode tokenizer = optional(directory.resolve("tokenizer_config.json"));
        JsonNode map = optional(directory.resolve("special_tokens_map.json"));
        Map<String, String> named = new LinkedHashMap<>();
        for (String name : NAMES) {
            String content = content(tokenizer.path(name), content(map.path(name), ""));
            if (!content.isEmpty()) {
                named.put(name, content);
            }
        }
        Set<String> special = new HashSet<>();
        for (JsonNode token : tokenizer.path("added_tokens_decoder")) {
            if (token.path("special").asBoolean(false)) {
                special.add(token.path("content").asText());
            }
        }
        Set<Integer> eos = new TreeSet<>();
        OptionalInt bos = OptionalInt.empty();
        for (String name : List.of("generation_config.json", "config.json")) {
            Path file = directory.resolve(name);
            JsonNode config = optional(file);
            addIds(config.path("eos_token_id"), file, eos);
            JsonNode id = config.path("bos_token_id");
            if (bos.isEmpty() && id.isInt()) {
                bos = OptionalInt.of(id.intValue());
            }
        }
        return new TokenizerSettings(Map.copyOf(named), Set.copyOf(special), Set.copyOf(eos), bos);
    }

    private static JsonNode optional(Path file) {
        return Files.exists(file) ? Json.read(file) : MissingNode.getInstance();
    }

    private static String content(JsonNode token, String otherwise) {
        JsonNode text = token.isObject() ? token.path("content") : token;
        return text.isTextual() ? text.asText() : otherwise;
    }

    private static void addIds(JsonNode idOrList, Path file, Set<Integer> ids) {
        for (JsonNode id : idOrList.isArray() ? idOrList : List.of(idOrList)) {
            if (id.isInt() && id.intValue() >= 0) {
                ids.add(id.intValue());
            } else if (!id.isNull() && !id.isMissingNode()) {
                throw InlayException.data("%s: eos_token_id must be a token id or a list of them, found %s", file, id);
            }
        }
    }
}
