package dev.inlay.model.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * A JSON object whose values are taken by exact type and range. A wrong value is an error that names the file, the key,
 * what is expected and what was found.
 *
 * <p>Of each accessor the plain form requires the key; the form with {@code absent} takes that value when the key is
 * missing or null. Integers are whole numbers in the text ({@code 8.0} is not one); no value is converted from text.
 */
public final class JsonObject {
    private final ObjectNode node;
    private final String where;

    JsonObject(ObjectNode node, String where) {
        this.node = node;
        this.where = where;
    }

    /** Where the object stands, for messages: the file, and the keys that lead to it. */
    public String where() {
        return where;
    }

    /** The keys in the order of the file. */
    public Set<String> keys() {
        Set<String> keys = new LinkedHashSet<>();
        node.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    /** Whether the key is there with a value other than null. */
    public boolean has(String key) {
        return node.hasNonNull(key);
    }

    /** The value as it stands: a null node for null, a missing node when absent. */
    public JsonNode get(String key) {
        return node.path(key);
    }

    public long integer(String key, long least, long greatest) {
        return integer(required(key), place(key), least, greatest);
    }

    public long integer(String key, long least, long greatest, long absent) {
        return has(key) ? integer(key, least, greatest) : absent;
    }

    public OptionalLong optionalInteger(String key, long least, long greatest) {
        return has(key) ? OptionalLong.of(integer(key, least, greatest)) : OptionalLong.empty();
    }

    /** A finite number. */
    public double number(String key) {
        return number(required(key), place(key));
    }

    public double number(String key, double absent) {
        return has(key) ? number(key) : absent;
    }

    public String text(String key) {
        return text(required(key), place(key));
    }

    public String text(String key, String absent) {
        return has(key) ? text(key) : absent;
    }

    public Optional<String> optionalText(String key) {
        return has(key) ? Optional.of(text(key)) : Optional.empty();
    }

    public boolean flag(String key) {
        JsonNode value = required(key);
        if (!value.isBoolean()) {
            throw wrong(place(key), "true or false", value);
        }
        return value.booleanValue();
    }

    public boolean flag(String key, boolean absent) {
        return has(key) ? flag(key) : absent;
    }

    public JsonObject object(String key) {
        return object(required(key), place(key));
    }

    public Optional<JsonObject> optionalObject(String key) {
        return has(key) ? Optional.of(object(key)) : Optional.empty();
    }

    /** A list of strings; empty when the key is missing or null. */
    public List<String> texts(String key) {
        return list(key, JsonObject::text);
    }

    /** A list of whole numbers; empty when the key is missing or null. */
    public List<Long> integers(String key, long least, long greatest) {
        return list(key, (item, place) -> integer(item, place, least, greatest));
    }

    /** A list of finite numbers; empty when the key is missing or null. */
    public List<Double> numbers(String key) {
        return list(key, JsonObject::number);
    }

    /** A list of objects; empty when the key is missing or null. */
    public List<JsonObject> objects(String key) {
        return list(key, JsonObject::object);
    }

    /** The error for a value of this key that is of the right type and yet not what is expected. */
    public InlayException wrong(String key, String expected) {
        return wrong(place(key), expected, node.path(key));
    }

    /** The object as text in one line, keys sorted: equal objects give equal text. */
    @Override
    public String toString() {
        return Json.line(node);
    }

    JsonNode node() {
        return node;
    }

    /** What a value is, for messages: its type, and the value itself where it is short. */
    static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "a list";
            case STRING -> "the text " + Quoted.name(value.textValue());
            case NULL -> "null";
            case MISSING -> "nothing";
            default -> Quoted.shortened(value.asText());
        };
    }

    private String place(String key) {
        return where + ": key " + Quoted.name(key);
    }

    private JsonNode required(String key) {
        if (!has(key)) {
            throw InlayException.data("%s is required, found %s", place(key), kind(node.path(key)));
        }
        return node.get(key);
    }

    private <T> List<T> list(String key, BiFunction<JsonNode, String, T> item) {
        if (!has(key)) {
            return List.of();
        }
        JsonNode list = node.get(key);
        if (!list.isArray()) {
            throw wrong(place(key), "a list", list);
        }
        List<T> items = new ArrayList<>(list.size());
        for (JsonNode value : list) {
            items.add(item.apply(value, place(key) + ", item " + items.size()));
        }
        return List.copyOf(items);
    }

    private static long integer(JsonNode value, String place, long least, long greatest) {
        if (!value.isIntegralNumber()
                || !value.canConvertToLong()
                || value.longValue() < least
                || value.longValue() > greatest) {
            throw wrong(place, "a whole number from " + least + " to " + greatest, value);
        }
        return value.longValue();
    }

    private static double number(JsonNode value, String place) {
        if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw wrong(place, "a finite number", value);
        }
        return value.doubleValue();
    }

    private static String text(JsonNode value, String place) {
        if (!value.isTextual()) {
            throw wrong(place, "text", value);
        }
        return value.textValue();
    }

    private static JsonObject object(JsonNode value, String place) {
        if (value instanceof ObjectNode inner) {
            return new JsonObject(inner, place);
        }
        throw wrong(place, "an object", value);
    }

    private static InlayException wrong(String place, String expected, JsonNode found) {
        return InlayException.data("%s must be %s, found %s", place, expected, kind(found))
                .expected(expected)
                .found(kind(found));
    }
}
