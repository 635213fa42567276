package dev.inlay.adapter.peft;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.model.files.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The keys of one JSON object, each read with its type; knows which were never asked for. */
final class ConfigFields {
    private final String source;
    private final JsonNode object;
    private final Set<String> asked = new HashSet<>();

    private ConfigFields(String source, JsonNode object) {
        this.source = source;
        this.object = object;
    }

    static ConfigFields parse(String json, String source) {
        JsonNode node = AdapterError.of(() -> Json.parse(json, source));
        if (!node.isObject()) {
            throw InlayException.adapter("%s must hold a JSON object, found %s", source, shown(node));
        }
        return new ConfigFields(source, node);
    }

    String source() {
        return source;
    }

    /** How errors begin that concern this key. */
    String where(String key) {
        return source + ": " + key;
    }

    boolean has(String key) {
        return object.has(key);
    }

    /** The value, or null if the key is absent or null. */
    @Nullable
    JsonNode value(String key) {
        asked.add(key);
        JsonNode value = object.get(key);
        return value == null || value.isNull() ? null : value;
    }

    int integer(String key, int absent) {
        JsonNode value = value(key);
        return value == null ? absent : asInteger(key, value);
    }

    double number(String key, double absent) {
        JsonNode value = value(key);
        return value == null ? absent : asNumber(key, value);
    }

    boolean flag(String key) {
        JsonNode value = value(key);
        if (value != null && !value.isBoolean()) {
            throw wrong(key, "true or false", value);
        }
        return value != null && value.booleanValue();
    }

    @Nullable
    String text(String key) {
        JsonNode value = value(key);
        if (value != null && !value.isTextual()) {
            throw wrong(key, "a string or null", value);
        }
        return value == null ? null : value.textValue();
    }

    List<String> texts(String key, JsonNode list) {
        List<String> texts = new ArrayList<>();
        for (JsonNode element : list) {
            if (!element.isTextual()) {
                throw wrong(key, "a list of strings", element);
            }
            texts.add(element.textValue());
        }
        return texts;
    }

    /** The entries of an object in file order; empty if absent. */
    Map<String, JsonNode> entries(String key) {
        JsonNode value = value(key);
        if (value != null && !value.isObject()) {
            throw wrong(key, "an object", value);
        }
        Map<String, JsonNode> entries = new LinkedHashMap<>();
        if (value != null) {
            value.properties().forEach(entry -> entries.put(entry.getKey(), entry.getValue()));
        }
        return entries;
    }

    int asInteger(String key, JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw wrong(key, "a whole number", value);
        }
        return value.intValue();
    }

    double asNumber(String key, JsonNode value) {
        if (!value.isNumber()) {
            throw wrong(key, "a number", value);
        }
        return value.doubleValue();
    }

    /** Keys that nobody asked for and that hold more than null, false or nothing. */
    List<String> leftOver() {
        List<String> left = new ArrayList<>();
        object.properties().forEach(entry -> {
            if (!asked.contains(entry.getKey()) && !isNeutral(entry.getValue())) {
                left.add(entry.getKey());
            }
        });
        return left;
    }

    /** The value of a key as an error shows it. */
    String shown(String key) {
        JsonNode value = object.get(key);
        return value == null ? "nothing" : shown(value);
    }

    static boolean isNeutral(JsonNode value) {
        return value.isNull()
                || (value.isBoolean() && !value.booleanValue())
                || (value.isContainerNode() && value.isEmpty())
                || (value.isTextual() && value.textValue().isEmpty());
    }

    InlayException wrong(String key, String expected, JsonNode found) {
        return InlayException.adapter("%s must be %s, found %s", where(key), expected, shown(found));
    }

    private static String shown(JsonNode value) {
        if (value.isMissingNode()) {
            return "an empty file";
        }
        String text = value.toString();
        return value.getNodeType().name().toLowerCase(Locale.ROOT) + " "
                + (text.length() <= 80 ? text : text.substring(0, 80) + "...");
    }
}
