package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.model.files.JsonObject;
import java.util.Optional;

/**
 * Reads the rotary settings of a {@code config.json}: {@code rope_theta} with {@code rope_scaling}, or both inside {@code
 * rope_parameters} as newer files have it. A kind that is not known is an error, never a default.
 */
final class RotarySettings {
    private static final double DEFAULT_THETA = 10_000;

    private RotarySettings() {}

    static RotaryFrequencies read(ConfigReader json, int headDim) {
        double theta = json.positive("rope_theta", DEFAULT_THETA);
        Optional<JsonObject> scaling = json.object("rope_scaling");
        Optional<JsonObject> parameters = json.object("rope_parameters");
        if (parameters.isPresent()) {
            theta = parameters.get().has("rope_theta") ? positive(parameters.get(), "rope_theta") : theta;
        }
        RotaryFrequencies plain = RotaryFrequencies.of(headDim, theta);
        Optional<JsonObject> settings = parameters.or(() -> scaling);
        return settings.map(object -> scaled(plain, object)).orElse(plain);
    }

    private static RotaryFrequencies scaled(RotaryFrequencies plain, JsonObject settings) {
        String kind = settings.text("rope_type", settings.text("type", "default"));
        return switch (kind) {
            case "default" -> plain;
            case "linear" -> plain.linear(positive(settings, "factor"));
            case "llama3" -> llama3(plain, settings);
            default ->
                throw InlayException.data(
                        "%s: rope_type \"%s\" is not supported; supported are default, linear, llama3",
                        settings.where(), kind);
        };
    }

    private static RotaryFrequencies llama3(RotaryFrequencies plain, JsonObject settings) {
        double low = positive(settings, "low_freq_factor");
        double high = positive(settings, "high_freq_factor");
        if (high <= low) {
            throw InlayException.data(
                    "%s: high_freq_factor %s must exceed low_freq_factor %s", settings.where(), high, low);
        }
        return plain.llama3(
                positive(settings, "factor"), low, high, positive(settings, "original_max_position_embeddings"));
    }

    private static double positive(JsonObject settings, String key) {
        double value = settings.number(key);
        if (!(value > 0)) {
            throw InlayException.data("%s: %s must be positive, was %s", settings.where(), key, value);
        }
        return value;
    }
}
