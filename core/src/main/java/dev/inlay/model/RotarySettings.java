package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.model.files.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the rotary settings of a {@code config.json}: {@code rope_theta} with {@code rope_scaling}, or both inside {@code
 * rope_parameters} as newer files have it. A kind or a key that is not known is an error, never a default.
 *
 * @param headDim width of a head
 * @param context {@code max_position_embeddings}
 * @param original context before it was stretched, where the settings do not say it
 * @param theta base where the settings do not say it
 * @param share of a head that turns, where the settings do not say it
 * @param partial whether the family lets a part of a head turn; if not, the share is 1
 */
record RotarySettings(int headDim, int context, int original, double theta, double share, boolean partial) {
    private static final Set<String> COMMON = Set.of("rope_type", "type", "rope_theta", "partial_rotary_factor");
    private static final String ORIGINAL = "original_max_position_embeddings";
    private static final Set<String> LONGROPE =
            Set.of("factor", "attention_factor", "short_factor", "long_factor", ORIGINAL);
    private static final Map<String, Set<String>> KEYS = Map.of(
            "default", Set.of(),
            "linear", Set.of("factor"),
            "dynamic", Set.of("factor"),
            "llama3", Set.of("factor", "low_freq_factor", "high_freq_factor", ORIGINAL),
            "yarn", YarnSettings.KEYS,
            "longrope", LONGROPE,
            "su", LONGROPE);

    /** Whole heads turn, base 10,000. */
    static RotarySettings of(DecoderDraft draft) {
        int context = draft.contextLength;
        return new RotarySettings(draft.attention.headDim(), context, context, 10_000, 1, false);
    }

    RotarySettings withTheta(double value) {
        return new RotarySettings(headDim, context, original, value, share, partial);
    }

    RotarySettings withShare(double value) {
        return new RotarySettings(headDim, context, original, theta, value, true);
    }

    RotarySettings withOriginal(int value) {
        return new RotarySettings(headDim, context, value, theta, share, partial);
    }

    /** The frequencies that all layers share. */
    RotaryFrequencies read(ConfigReader json) {
        return withTheta(json.positive("rope_theta", theta)).scaled(settings(json));
    }

    /** The object that holds the settings, under its old or its new name. */
    static Optional<JsonObject> settings(ConfigReader json) {
        Optional<JsonObject> older = json.object("rope_scaling").filter(RotarySettings::says);
        Optional<JsonObject> newer = json.object("rope_parameters").filter(RotarySettings::says);
        if (older.isPresent() && newer.isPresent()) {
            throw InlayException.data(
                    "%s: rope_scaling and rope_parameters are both given; leave one of them out", json.where());
        }
        return newer.or(() -> older);
    }

    private static boolean says(JsonObject settings) {
        return !settings.keys().isEmpty();
    }

    /** The frequencies by such an object, or the plain ones without. */
    RotaryFrequencies scaled(Optional<JsonObject> settings) {
        return settings.map(this::scaled).orElseGet(() -> RotaryFrequencies.of(rotated(share, "config.json"), theta));
    }

    private RotaryFrequencies scaled(JsonObject settings) {
        double base = settings.has("rope_theta") ? positive(settings, "rope_theta") : theta;
        int rotated = rotated(share(settings), settings.where());
        RotaryFrequencies plain = RotaryFrequencies.of(rotated, base);
        String kind = settings.text("rope_type", settings.text("type", "default"));
        refuseOthers(settings, known(kind, settings));
        return switch (kind) {
            case "linear" -> plain.linear(positive(settings, "factor"));
            // Stretches only beyond max_position_embeddings, which is where our context ends.
            case "dynamic" -> checkedDynamic(plain, settings);
            case "llama3" -> llama3(plain, settings);
            case "yarn" ->
                YarnSettings.read(settings, original(settings), context).apply(plain, base);
            case "longrope", "su" -> longRope(plain, settings);
            default -> plain;
        };
    }

    /** The keys that a kind has beside the common ones; an unknown kind is an error. */
    private static Set<String> known(String kind, JsonObject settings) {
        Set<String> keys = KEYS.get(kind);
        if (keys == null) {
            throw InlayException.data(
                    "%s: rope_type \"%s\" is not supported; supported are default, linear, dynamic, llama3, yarn, longrope",
                    settings.where(), kind);
        }
        return keys;
    }

    private static RotaryFrequencies checkedDynamic(RotaryFrequencies plain, JsonObject settings) {
        positive(settings, "factor");
        return plain;
    }

    private static RotaryFrequencies llama3(RotaryFrequencies plain, JsonObject settings) {
        double low = positive(settings, "low_freq_factor");
        double high = positive(settings, "high_freq_factor");
        if (high <= low) {
            throw InlayException.data(
                    "%s: high_freq_factor %s must exceed low_freq_factor %s", settings.where(), high, low);
        }
        return plain.llama3(positive(settings, "factor"), low, high, positive(settings, ORIGINAL));
    }

    /** The magnitude is sqrt(1 + ln(factor) / ln(original)) unless it is given (Ding et al. 2024). */
    private RotaryFrequencies longRope(RotaryFrequencies plain, JsonObject settings) {
        int before = original(settings);
        double factor = settings.has("factor") ? positive(settings, "factor") : (double) context / before;
        double suggested = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(before));
        double magnitude = settings.has("attention_factor") ? positive(settings, "attention_factor") : suggested;
        return plain.longRope(
                factors(settings, "short_factor", plain.pairs()),
                factors(settings, "long_factor", plain.pairs()),
                before,
                magnitude);
    }

    private static double[] factors(JsonObject settings, String key, int pairs) {
        List<Double> values = settings.numbers(key);
        if (values.size() != pairs || values.stream().anyMatch(value -> !(value > 0))) {
            throw settings.wrong(key, "a list of " + pairs + " positive numbers, one for each pair that turns");
        }
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }

    private int original(JsonObject settings) {
        long stated = settings.integer(ORIGINAL, 2, Integer.MAX_VALUE, original);
        if (original != context && stated != original) {
            throw InlayException.data(
                    "%s: original_max_position_embeddings is %d here and %d outside; make them equal",
                    settings.where(), stated, original);
        }
        return (int) stated;
    }

    private double share(JsonObject settings) {
        if (!settings.has("partial_rotary_factor")) {
            return share;
        }
        double value = positive(settings, "partial_rotary_factor");
        if (!partial && value != 1) {
            throw InlayException.data(
                    "%s: partial_rotary_factor %s is not supported in this family, whose heads turn whole",
                    settings.where(), value);
        }
        return value;
    }

    private int rotated(double part, String where) {
        int rotated = (int) (headDim * part);
        if (part > 1 || rotated < 2 || rotated % 2 != 0) {
            throw InlayException.data(
                    "%s: a share of %s of heads of width %d cannot turn; it must be at most 1 and give an even width",
                    where, part, headDim);
        }
        return rotated;
    }

    private static void refuseOthers(JsonObject settings, Set<String> known) {
        Set<String> others = new TreeSet<>(settings.keys());
        others.removeAll(COMMON);
        others.removeAll(known);
        others.removeIf(key -> !settings.has(key));
        if (!others.isEmpty()) {
            throw InlayException.data(
                    "%s: %s may change the model's mathematics and is not understood; remove it if it does not",
                    settings.where(), String.join(", ", others));
        }
    }

    static double positive(JsonObject settings, String key) {
        double value = settings.number(key);
        if (!(value > 0)) {
            throw InlayException.data("%s: %s must be positive, was %s", settings.where(), key, value);
        }
        return value;
    }
}
