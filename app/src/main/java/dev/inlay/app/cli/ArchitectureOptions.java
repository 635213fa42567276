package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a new model looks like: a {@code config.json} of any supported family, or the sizes of a Llama. */
final class ArchitectureOptions {
    private static final int CONTEXT = 512;
    /** The width inside the gated feed-forward layer is 8/3 of the model's (Shazeer 2020), to a multiple of this. */
    private static final int FEED_FORWARD_STEP = 32;

    @Option(
            names = "--architecture",
            paramLabel = "FILE",
            description =
                    "The config.json of the model to be, of any supported family. Default: a Llama of these sizes:")
    @Nullable
    Path architecture;

    @Option(names = "--layers", paramLabel = "N", description = "Layers.")
    @Nullable
    Integer layers;

    @Option(names = "--width", paramLabel = "N", description = "Width of the residual stream.")
    @Nullable
    Integer width;

    @Option(names = "--heads", paramLabel = "N", description = "Heads of queries.")
    @Nullable
    Integer heads;

    @Option(names = "--kv-heads", paramLabel = "N", description = "Heads of keys and values. Default: as --heads.")
    @Nullable
    Integer keyValueHeads;

    @Option(
            names = "--feed-forward",
            paramLabel = "N",
            description = "Width inside the feed-forward layer. Default: 8/3 of --width, to a multiple of 32.")
    @Nullable
    Integer feedForward;

    @Option(names = "--context", paramLabel = "N", description = "Most tokens of a row. Default: 512.")
    @Nullable
    Integer context;

    @Option(
            names = "--tied",
            negatable = true,
            fallbackValue = "true",
            description = "Whether the head is the embedding. Default: true.")
    @Nullable
    Boolean tied;

    /**
     * The {@code config.json} of the model to be.
     *
     * @param start the model to go on from, or null for a new one
     */
    Map<String, Object> config(Tokenizer tokenizer, @Nullable Path start) {
        boolean sized = Stream.of(layers, width, heads, keyValueHeads, feedForward, context, tied)
                .anyMatch(Objects::nonNull);
        if (start != null && (sized || architecture != null)) {
            throw InlayException.usage("--model says the sizes of the model; leave out the flags that do so too");
        }
        if (architecture != null && sized) {
            throw InlayException.usage(
                    "--architecture says the sizes of the model; leave out the flags that do so too");
        }
        Map<String, Object> config = new TreeMap<>();
        Path known = known(start);
        if (known != null) {
            JsonObject file = Json.readObject(known);
            file.keys().forEach(key -> config.put(key, file.get(key)));
        } else {
            config.putAll(llama(tokenizer.vocabularySize()));
        }
        config.remove("torch_dtype");
        config.put("dtype", "float32");
        config.putAll(tokenIds(tokenizer));
        return config;
    }

    /**
     * Where it comes from, for messages.
     *
     * @param start the model to go on from, or null for a new one
     */
    String where(@Nullable Path start) {
        Path known = known(start);
        return known == null ? "the sizes of the model" : known.toString();
    }

    /** The file that says the sizes, or null where flags do. */
    private @Nullable Path known(@Nullable Path start) {
        return start == null ? architecture : start.resolve("config.json");
    }

    private Map<String, Object> llama(int vocabulary) {
        if (layers == null || width == null || heads == null) {
            throw InlayException.usage(
                    "what to train is not said; give --layers, --width and --heads, or --architecture FILE");
        }
        int wide = 8 * width / 3;
        int usual = (wide + FEED_FORWARD_STEP - 1) / FEED_FORWARD_STEP * FEED_FORWARD_STEP;
        Map<String, Object> config = new TreeMap<>();
        config.put("architectures", List.of("LlamaForCausalLM"));
        config.put("model_type", "llama");
        config.put("vocab_size", vocabulary);
        config.put("hidden_size", width);
        config.put("intermediate_size", feedForward == null ? usual : feedForward);
        config.put("num_hidden_layers", layers);
        config.put("num_attention_heads", heads);
        config.put("num_key_value_heads", keyValueHeads == null ? heads : keyValueHeads);
        config.put("max_position_embeddings", context == null ? CONTEXT : context);
        config.put("hidden_act", "silu");
        config.put("rms_norm_eps", 1e-5);
        config.put("rope_theta", 10_000.0);
        config.put("initializer_range", 1 / Math.sqrt(width));
        config.put("tie_word_embeddings", tied == null || tied);
        return config;
    }

    private static Map<String, Object> tokenIds(Tokenizer tokenizer) {
        Map<String, Object> ids = new TreeMap<>();
        tokenizer.bos().ifPresent(id -> ids.put("bos_token_id", id));
        tokenizer.eos().ifPresent(id -> ids.put("eos_token_id", id));
        String padding = tokenizer.namedTokens().get("pad_token");
        if (padding != null) {
            tokenizer.id(padding).ifPresent(id -> ids.put("pad_token_id", id));
        }
        return ids;
    }

    /** The {@code generation_config.json} beside it. */
    static Map<String, Object> generation(Map<String, Object> config) {
        Map<String, Object> generation = new TreeMap<>(config);
        generation.keySet().retainAll(Set.of("bos_token_id", "eos_token_id", "pad_token_id"));
        return generation;
    }
}
