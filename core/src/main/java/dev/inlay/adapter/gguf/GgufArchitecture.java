package dev.inlay.adapter.gguf;

import dev.inlay.model.LinearSite;
import dev.inlay.model.Projection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a model family is called in GGUF, and how its weights lie there.
 *
 * @param name {@code general.architecture}
 * @param interleaved whether rotation pairs neighbours (2i, 2i + 1), so that the rows of queries and keys are stored in
 *     another order than Hugging Face's, which pairs (i, i + head_dim / 2)
 */
public record GgufArchitecture(String name, boolean interleaved) {
    /** By {@code model_type}. */
    private static final Map<String, GgufArchitecture> FAMILIES = new TreeMap<>(Map.of(
            "llama", new GgufArchitecture("llama", true),
            "mistral", new GgufArchitecture("llama", true),
            "qwen2", new GgufArchitecture("qwen2", false),
            "qwen3", new GgufArchitecture("qwen3", false),
            "gemma", new GgufArchitecture("gemma", false),
            "gemma2", new GgufArchitecture("gemma2", false),
            "gemma3_text", new GgufArchitecture("gemma3", false),
            "gpt2", new GgufArchitecture("gpt2", false)));

    private static final Map<Projection, String> NAMES = new EnumMap<>(Map.of(
            Projection.QUERY, "attn_q",
            Projection.KEY, "attn_k",
            Projection.VALUE, "attn_v",
            Projection.QUERY_KEY_VALUE, "attn_qkv",
            Projection.ATTENTION_OUTPUT, "attn_output",
            Projection.GATE, "ffn_gate",
            Projection.UP, "ffn_up",
            Projection.DOWN, "ffn_down"));

    /** The architecture of a family; none if we know no rules for it. */
    public static Optional<GgufArchitecture> of(String family) {
        return Optional.ofNullable(FAMILIES.get(family));
    }

    /** The families that have one, for messages. */
    public static String families() {
        return String.join(", ", FAMILIES.keySet());
    }

    /** The name of a map's weight; none if it has no equal there. */
    public Optional<String> weight(LinearSite place) {
        if (place.site().projection() == Projection.HEAD) {
            return Optional.of("output.weight");
        }
        return Optional.ofNullable(NAMES.get(place.site().projection()))
                .map(kind -> "blk." + place.site().layer() + "." + kind + ".weight");
    }

    /** Whether the rows of a map's weight are re-ordered. */
    boolean reorders(LinearSite place) {
        return interleaved
                && (place.site().projection() == Projection.QUERY
                        || place.site().projection() == Projection.KEY);
    }
}
