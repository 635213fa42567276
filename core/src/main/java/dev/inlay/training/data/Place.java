package dev.inlay.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A line of a data file: what is read there, and errors that name it. */
record Place(String file, int line) {
    @FormatMethod
    InlayException error(@FormatString String format, @Nullable Object... arguments) {
        return InlayException.data("%s line %d: %s", file, line, String.format(Locale.ROOT, format, arguments));
    }

    /** A string of whole characters. */
    String text(String field, JsonNode value) {
        if (!value.isTextual()) {
            throw error("'%s' must be a string, found %s", field, kind(value));
        }
        String text = value.textValue();
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw error("'%s' holds half of a surrogate pair, which is no character", field);
        }
        return text;
    }

    /** Any value as {@link dev.inlay.model.text.Conversation} has it. */
    @Nullable
    Object value(String field, JsonNode value) {
        return switch (value.getNodeType()) {
            case NULL, MISSING -> null;
            case STRING -> text(field, value);
            case BOOLEAN -> value.booleanValue();
            case ARRAY -> values(field, value);
            case OBJECT -> object(field, value);
            default -> number(field, value);
        };
    }

    private Object number(String field, JsonNode value) {
        if (value.isIntegralNumber() && !value.canConvertToLong()) {
            throw error("'%s' holds a whole number beyond 64 bits; write it as a string", field);
        }
        return value.isIntegralNumber() ? (Object) value.longValue() : (Object) value.doubleValue();
    }

    private List<@Nullable Object> values(String field, JsonNode list) {
        List<@Nullable Object> values = new ArrayList<>();
        list.forEach(item -> values.add(value(field, item)));
        return values;
    }

    Map<String, @Nullable Object> object(String field, JsonNode object) {
        if (!object.isObject()) {
            throw error("'%s' must be an object, found %s", field, kind(object));
        }
        Map<String, @Nullable Object> entries = new LinkedHashMap<>();
        object.properties().forEach(entry -> entries.put(entry.getKey(), value(field, entry.getValue())));
        return entries;
    }

    /** What a value is, in words. */
    static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case MISSING -> "nothing";
            case NULL -> "null";
            case STRING -> "a string";
            case NUMBER -> "the number " + value;
            case BOOLEAN -> value.toString();
            case ARRAY -> value.isEmpty() ? "an empty list" : "a list";
            default -> "an object";
        };
    }
}
