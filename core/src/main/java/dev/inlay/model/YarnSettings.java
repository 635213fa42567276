package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.model.files.JsonObject;
import java.util.Set;

/**
 * Rotary scaling of kind "yarn" (Peng et al. 2023): pairs that turn often within the original context stay, pairs that turn
 * less than once are stretched by the factor.
 *
 * @param factor how much longer the context becomes
 * @param magnitude of cosine and sine; 0.1 ln(factor) + 1 unless the file says otherwise
 * @param fast pairs that turn at least so often stay
 * @param slow pairs that turn at most so often are stretched whole
 * @param truncate whether the ends of the ramp between them are rounded outwards to whole pairs
 * @param original context before it was stretched
 */
record YarnSettings(double factor, double magnitude, double fast, double slow, boolean truncate, int original) {
    static final Set<String> KEYS = Set.of(
            "factor",
            "attention_factor",
            "beta_fast",
            "beta_slow",
            "mscale",
            "mscale_all_dim",
            "truncate",
            "original_max_position_embeddings");

    static YarnSettings read(JsonObject settings, int original, int context) {
        double factor =
                settings.has("factor") ? RotarySettings.positive(settings, "factor") : (double) context / original;
        double fast = settings.has("beta_fast") ? RotarySettings.positive(settings, "beta_fast") : 32;
        double slow = settings.has("beta_slow") ? RotarySettings.positive(settings, "beta_slow") : 1;
        if (fast < slow) {
            throw InlayException.data("%s: beta_fast %s must not be below beta_slow %s", settings.where(), fast, slow);
        }
        return new YarnSettings(
                factor, magnitude(settings, factor), fast, slow, settings.flag("truncate", true), original);
    }

    /** {@code attention_factor}, or the ratio of two suggested magnitudes where both "mscale" numbers are given. */
    private static double magnitude(JsonObject settings, double factor) {
        if (settings.has("attention_factor")) {
            return RotarySettings.positive(settings, "attention_factor");
        }
        double scale = settings.number("mscale", 0);
        double all = settings.number("mscale_all_dim", 0);
        return scale != 0 && all != 0 ? suggested(factor, scale) / suggested(factor, all) : suggested(factor, 1);
    }

    private static double suggested(double factor, double scale) {
        return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
    }

    RotaryFrequencies apply(RotaryFrequencies plain, double theta) {
        int rotated = 2 * plain.pairs();
        double low = pair(fast, rotated, theta);
        double high = pair(slow, rotated, theta);
        return plain.ramp(
                factor,
                Math.max(0, truncate ? Math.floor(low) : low),
                Math.min(rotated - 1, truncate ? Math.ceil(high) : high),
                magnitude);
    }

    /** The pair, as a fraction, that turns so often within the original context. */
    private double pair(double turns, int rotated, double theta) {
        return rotated * Math.log(original / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
    }
}
