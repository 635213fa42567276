package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tokens whose vectors were trained: {@code trainable_token_indices}.
 *
 * @param byModule ids by the name, or the end of the path, of the module that holds the vectors; a list in the file, which
 *     is for the embedding whatever its name, has the empty name
 */
public record Tokens(Map<String, List<Integer>> byModule) {
    /** No tokens. */
    public static final Tokens NONE = new Tokens(Map.of());

    /** Stands for the embedding. */
    static final String EMBEDDING = "";

    public Tokens {
        byModule = new LinkedHashMap<>(byModule);
        byModule.forEach((module, ids) -> {
            if (ids.isEmpty() || ids.stream().anyMatch(id -> id < 0) || new HashSet<>(ids).size() != ids.size()) {
                throw InlayException.adapter(
                        "trainable_token_indices must name tokens from 0 on, each once; found %s", ids);
            }
        });
    }

    boolean isNone() {
        return byModule.isEmpty();
    }
}
