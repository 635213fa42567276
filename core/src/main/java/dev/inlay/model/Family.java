package dev.inlay.model;

import dev.inlay.InlayException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A model family: how its {@code config.json} and its tensor names map to the one {@link Decoder}. A new family is one
 * more small class, listed in {@link #ALL}.
 */
interface Family {
    /** Every family, by {@code model_type}. */
    Map<String, Family> ALL = List.of(
                    new LlamaFamily(),
                    new MistralFamily(),
                    new Qwen2Family(),
                    new Qwen3Family(),
                    new GemmaFamily(),
                    new Gemma2Family(),
                    new Gemma3Family(),
                    new Phi3Family(),
                    new Olmo2Family(),
                    new GraniteFamily(),
                    new SmolLm3Family(),
                    new GptNeoXFamily(),
                    new Gpt2Family())
            .stream()
            .collect(Collectors.toMap(Family::modelType, family -> family, (a, b) -> a, TreeMap::new));

    /** The value of {@code model_type} in {@code config.json}. */
    String modelType();

    /** Reads the mathematics; a key that could change it and is not understood is an error. */
    DecoderConfig config(ConfigReader json);

    /**
     * @param json read for biases and the like
     * @param names tensors of the checkpoint, for families whose names vary
     */
    Blueprint blueprint(DecoderConfig config, ConfigReader json, Set<String> names);

    /** Keys that show what a model is beyond a dense decoder of text. */
    Map<String, String> OTHER_KINDS = Map.of(
            "vision_config", "reads images",
            "audio_config", "reads sound",
            "num_local_experts", "mixes experts",
            "num_experts", "mixes experts",
            "n_routed_experts", "mixes experts",
            "is_encoder_decoder", "has an encoder");

    /** Finds the family of a {@code config.json}. */
    static Family of(ConfigReader json) {
        String type = json.text("model_type");
        OTHER_KINDS.forEach((key, kind) -> {
            if (json.states(key)) {
                throw InlayException.data(
                        "%s: a model that %s (%s, model_type \"%s\") is not supported; take a dense decoder of text",
                        json.where(), kind, key, type);
            }
        });
        Family family = ALL.get(type);
        if (family == null) {
            throw InlayException.data(
                    "%s: model_type \"%s\" is not supported; supported are %s",
                    json.where(), type, String.join(", ", ALL.keySet()));
        }
        return family;
    }
}
