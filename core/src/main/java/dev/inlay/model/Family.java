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
    Map<String, Family> ALL = List.of(new LlamaFamily(), new Gpt2Family()).stream()
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

    /** Finds the family of a {@code config.json}. */
    static Family of(ConfigReader json) {
        String type = json.text("model_type");
        Family family = ALL.get(type);
        if (family == null) {
            throw InlayException.data(
                    "%s: model_type \"%s\" is not supported; supported are %s",
                    json.where(), type, String.join(", ", ALL.keySet()));
        }
        return family;
    }
}
