package dev.inlay.adapter.peft;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Beginnings of module paths that libraries have changed, so that adapters made before (or after) point to modules that do
 * not exist under that name. Reading never follows an alias: an adapter is converted once, and then says what it means.
 */
public final class ModuleAliases {
    private static final List<Alias> ALL = List.of(
            new Alias("language_model.model.", "model.", "multimodal wrappers before transformers 4.52"),
            new Alias("model.language_model.", "model.", "multimodal wrappers since transformers 4.52"),
            new Alias("language_model.lm_head", "lm_head", "multimodal wrappers before transformers 4.52"),
            new Alias("layers.", "model.layers.", "a model loaded without its head"),
            new Alias("h.", "transformer.h.", "GPT-2 loaded without its head"),
            new Alias("model.h.", "transformer.h.", "GPT-2 in mlx-lm"));

    private ModuleAliases() {}

    /**
     * One renaming.
     *
     * @param from beginning of a path elsewhere
     * @param to beginning of the same path here
     * @param where which library, and when
     */
    public record Alias(String from, String to, String where) {
        /** The path as it is called here. */
        public String apply(String path) {
            return to + path.substring(from.length());
        }
    }

    /** The first alias under which the path exists; none if it exists as it is, or under no alias. */
    public static Optional<Alias> of(String path, Predicate<String> exists) {
        if (exists.test(path)) {
            return Optional.empty();
        }
        return ALL.stream()
                .filter(alias -> path.startsWith(alias.from()) && exists.test(alias.apply(path)))
                .findFirst();
    }
}
