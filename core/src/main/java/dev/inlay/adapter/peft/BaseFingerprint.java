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
            "head_dim",
            "hidden_act",
            "hidden_size",
            "intermediate_size",
            "layer_norm_epsilon",
            "max_position_embeddings",
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
            "rms_norm_eps",
            "rope_parameters",
            "rope_scaling",
            "rope_theta",
            "sliding_window",
            "tie_word_embeddings",
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
