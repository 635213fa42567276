package dev.inlay.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.model.DecoderConfig.Sight;
import dev.inlay.model.files.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntPredicate;

/**
 * Reads a {@code config.json} and remembers which keys were understood, so that the rest can be refused: a key that a
 * reader skips is a wrong answer in waiting.
 */
final class ConfigReader {
    private static final int MOST_LAYERS = 512;
    private static final int MOST_WIDTH = 65_536;
    private static final int MOST_VOCABULARY = 2_000_000;
    private static final int MOST_CONTEXT = 1 << 24;

    /** Keys that never change what a pass computes. */
    private static final Set<String> HARMLESS = Set.of(
            "architectures",
            "attention_dropout",
            "auto_map",
            "bos_token_id",
            "cache_implementation",
            "dtype",
            "eos_token_id",
            "finetuning_task",
            "id2label",
            "initializer_range",
            "label2id",
            "model_type",
            "pad_token_id",
            "pretraining_tp",
            "sep_token_id",
            "task_specific_params",
            "tokenizer_class",
            "torch_dtype",
            "transformers_version",
            "unk_token_id",
            "use_cache");

    private final JsonObject json;
    private final Set<String> understood = new HashSet<>();

    ConfigReader(JsonObject json) {
        this.json = json;
    }

    String where() {
        return json.where();
    }

    boolean has(String key) {
        understood.add(key);
        return json.has(key);
    }

    /** Whether the key says something: its value is not null, false or empty. */
    boolean states(String key) {
        return json.has(key) && !isNeutral(json.get(key));
    }

    String text(String key) {
        understood.add(key);
        return json.text(key);
    }

    String text(String key, String absent) {
        understood.add(key);
        return json.text(key, absent);
    }

    boolean flag(String key, boolean absent) {
        understood.add(key);
        return json.flag(key, absent);
    }

    double number(String key, double absent) {
        understood.add(key);
        return json.number(key, absent);
    }

    /** A finite number above zero. */
    double positive(String key, double absent) {
        double value = number(key, absent);
        if (!(value > 0)) {
            throw InlayException.data("%s: %s must be positive, was %s", where(), key, value);
        }
        return value;
    }

    /** Heads of keys and values, which must divide the query heads. */
    int keyValueHeads(String key, int heads) {
        int count = width(key, heads);
        if (heads % count != 0) {
            throw InlayException.data(
                    "%s: %d query heads cannot share %d key-value heads (%s); the first must be a multiple of the second",
                    where(), heads, count, key);
        }
        return count;
    }

    int layers(String key) {
        return integer(key, MOST_LAYERS);
    }

    int width(String key) {
        return integer(key, MOST_WIDTH);
    }

    int width(String key, int absent) {
        understood.add(key);
        return json.has(key) ? integer(key, MOST_WIDTH) : absent;
    }

    /** A soft cap; infinite where the file says null, which switches it off. */
    double softCap(String key, double absent) {
        return isNull(key) ? Double.POSITIVE_INFINITY : positive(key, absent);
    }

    /** A window of attention; {@link Sight#ALL} where the file says null. */
    int window(String key, int absent) {
        return isNull(key) ? Sight.ALL : (int) json.integer(key, 1, Integer.MAX_VALUE, absent);
    }

    private boolean isNull(String key) {
        understood.add(key);
        return json.get(key).isNull();
    }

    /**
     * Every layer's window: that of the layers which slide, and {@link Sight#ALL} for the others.
     *
     * @param sliding which layers slide, where {@code layer_types} is absent
     */
    List<Integer> windows(int layers, int window, IntPredicate sliding) {
        understood.add("layer_types");
        List<String> types = json.texts("layer_types");
        if (json.has("layer_types") && types.size() != layers) {
            throw json.wrong("layer_types", "a list of " + layers + " names, one for each layer");
        }
        List<Integer> windows = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            boolean slides = types.isEmpty() ? sliding.test(layer) : slides(types.get(layer));
            if (slides && window == Sight.ALL && !types.isEmpty()) {
                throw InlayException.data(
                        "%s: layer_types lets layer %d slide, but no sliding_window is in force", where(), layer);
            }
            windows.add(slides ? window : Sight.ALL);
        }
        return windows;
    }

    private boolean slides(String type) {
        return switch (type) {
            case "sliding_attention" -> true;
            case "full_attention" -> false;
            default ->
                throw InlayException.data(
                        "%s: layer_types \"%s\" is not supported; supported are full_attention, sliding_attention",
                        where(), type);
        };
    }

    int vocabulary(String key) {
        return integer(key, MOST_VOCABULARY);
    }

    int context(String key) {
        return integer(key, MOST_CONTEXT);
    }

    int context(String key, int absent) {
        return has(key) ? integer(key, MOST_CONTEXT) : absent;
    }

    /** A whole number, not negative. */
    int count(String key, int absent) {
        understood.add(key);
        return (int) json.integer(key, 0, Integer.MAX_VALUE, absent);
    }

    /** Whole numbers; empty where absent. */
    List<Long> integers(String key, long least, long greatest) {
        understood.add(key);
        return json.integers(key, least, greatest);
    }

    private int integer(String key, int most) {
        understood.add(key);
        return (int) json.integer(key, 1, most);
    }

    Optional<JsonObject> object(String key) {
        understood.add(key);
        return json.optionalObject(key);
    }

    /** Declares a key that the family knows to have no effect, whatever its value. */
    ConfigReader ignoring(String... keys) {
        understood.addAll(Set.of(keys));
        return this;
    }

    /** A switch that is only supported in its neutral position. */
    void only(String key, boolean neutral) {
        if (flag(key, neutral) != neutral) {
            throw InlayException.data(
                    "%s: %s = %s changes the model's mathematics and is not supported", where(), key, !neutral);
        }
    }

    /** A number that is only supported at its neutral value. */
    void only(String key, int neutral) {
        double value = number(key, neutral);
        if (value != neutral) {
            throw InlayException.data(
                    "%s: %s = %s changes the model's mathematics and is not supported", where(), key, value);
        }
    }

    /** hidden / heads, which must come out even. */
    int perHead(int width, int heads) {
        if (width % heads != 0) {
            throw InlayException.data(
                    "%s: width %d is not divisible by %d heads, and head_dim is not given", where(), width, heads);
        }
        return width / heads;
    }

    /** The activation function; an unknown name is an error. */
    DecoderConfig.Nonlinearity activation(String key, String absent) {
        String name = text(key, absent);
        return switch (name) {
            case "silu", "swish" -> DecoderConfig.Nonlinearity.SILU;
            case "gelu" -> DecoderConfig.Nonlinearity.GELU;
            case "gelu_new", "gelu_pytorch_tanh" -> DecoderConfig.Nonlinearity.GELU_TANH;
            case "relu" -> DecoderConfig.Nonlinearity.RELU;
            default ->
                throw InlayException.data(
                        "%s: %s \"%s\" is not supported; supported are silu, gelu, gelu_new, gelu_pytorch_tanh, relu",
                        where(), key, name);
        };
    }

    /** Refuses every key that nobody asked for, unless its value is null, false or empty. */
    void refuseTheRest() {
        Set<String> unknown = new TreeSet<>();
        for (String key : json.keys()) {
            if (!understood.contains(key)
                    && !HARMLESS.contains(key)
                    && !key.startsWith("_")
                    && !isNeutral(json.get(key))) {
                unknown.add(key);
            }
        }
        if (!unknown.isEmpty()) {
            throw InlayException.data(
                    "%s: %s may change the model's mathematics and is not understood; remove it if it does not",
                    where(), String.join(", ", unknown));
        }
    }

    private static boolean isNeutral(JsonNode value) {
        return value.isNull()
                || (value.isBoolean() && !value.booleanValue())
                || (value.isContainerNode() && value.isEmpty())
                || (value.isTextual() && value.textValue().isEmpty());
    }
}
