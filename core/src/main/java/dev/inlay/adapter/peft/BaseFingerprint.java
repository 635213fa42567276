package dev.inlay.adapter.peft;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.model.files.Fingerprint;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.Weights;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tells a base from others, also from those of equal configuration and shapes: the {@link Fingerprint} of its weights and
 * of those keys of {@code config.json} that change what the model computes, as one line of JSON with sorted keys. Keys
 * that are absent or null are left out, so that a library that writes its defaults does not make another base.
 */
final class BaseFingerprint {
    private static final List<String> MATHEMATICAL = List.of(
            "activation_function",
            "attention_bias",
            "attention_multiplier",
            "attn_logit_softcapping",
            "embedding_multiplier",
            "final_logit_softcapping",
            "head_dim",
            "hidden_act",
            "hidden_activation",
            "hidden_size",
            "intermediate_size",
            "layer_norm_epsilon",
            "layer_types",
            "logits_scaling",
            "max_position_embeddings",
            "max_window_layers",
            "mlp_bias",
            "model_type",
            "n_embd",
            "n_head",
            "n_inner",
            "n_layer",
            "n_positions",
            "num_attention_heads",
            "num_hidden_layers",
            "num_key_value_heads",
            "original_max_position_embeddings",
            "partial_rotary_factor",
            "query_pre_attn_scalar",
            "residual_multiplier",
            "rms_norm_eps",
            "rope_local_base_freq",
            "rope_parameters",
            "rope_scaling",
            "rope_theta",
            "sliding_window",
            "sliding_window_pattern",
            "tie_word_embeddings",
            "use_sliding_window",
            "vocab_size");

    private BaseFingerprint() {}

    static String of(Path model) {
        JsonObject config = Json.readObject(model.resolve("config.json"));
        Map<String, JsonNode> mathematics = new TreeMap<>();
        for (String key : MATHEMATICAL) {
            if (config.has(key)) {
                mathematics.put(key, config.get(key));
            }
        }
        try (Weights weights = Weights.open(model)) {
            return Fingerprint.ofBase(Json.line(mathematics), weights);
        }
    }
}
