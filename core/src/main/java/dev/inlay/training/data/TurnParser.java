package dev.inlay.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns the lists of turns of two forms into conversations.
 *
 * <ul>
 *   <li>{@code messages}: each {@code {role, content}}. Content is a text or a list of {@code {type: "text", text}}; it
 *       may be null or absent where the assistant calls tools. Further fields: {@code tool_calls} (a list of objects),
 *       {@code tool_call_id} and {@code name}, {@code reasoning_content}.
 *   <li>{@code conversations}: each {@code {from, value}}; {@code human} is the user, {@code gpt} the assistant.
 * </ul>
 */
public final class TurnParser {
    private static final Map<String, String> SHAREGPT_ROLES =
            Map.of("system", "system", "human", "user", "user", "user", "gpt", "assistant", "assistant", "assistant");
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool");
    private static final Set<String> FIELDS =
            Set.of("role", "content", "tool_calls", "tool_call_id", "name", "reasoning_content");

    private final Place place;
    private final Set<String> ignored;

    TurnParser(Place place, Set<String> ignored) {
        this.place = place;
        this.ignored = ignored;
    }

    /**
     * The conversation of an object with {@code messages}, and {@code tools} where there are any.
     *
     * @param name of the file, and the line in it, for errors
     * @throws dev.inlay.InlayException if it is not of that form
     */
    public static Conversation conversation(JsonNode row, String name, int line) {
        return new TurnParser(new Place(name, line), new TreeSet<>()).messages(row);
    }

    Conversation messages(JsonNode row) {
        List<Message> messages = new ArrayList<>();
        for (JsonNode turn : turns(row, "messages")) {
            add(messages, "messages", message("messages[" + messages.size() + "]", turn));
        }
        return new Conversation(messages, tools(row.path("tools")));
    }

    Conversation shareGpt(JsonNode row) {
        List<Message> messages = new ArrayList<>();
        for (JsonNode turn : turns(row, "conversations")) {
            String at = "conversations[" + messages.size() + "]";
            requireFields(at, turn, Set.of("from", "value"), "'from' and 'value'");
            String role = place.text(at + ".from", turn.path("from"));
            requireKnown(at, role, SHAREGPT_ROLES.keySet());
            String content = place.text(at + ".value", turn.path("value"));
            add(messages, "conversations", new Message(SHAREGPT_ROLES.getOrDefault(role, role), content));
        }
        return Conversation.of(messages);
    }

    private JsonNode turns(JsonNode row, String field) {
        JsonNode turns = row.path(field);
        if (!turns.isArray() || turns.isEmpty()) {
            throw place.error("'%s' must be a list of turns, found %s", field, Place.kind(turns));
        }
        return turns;
    }

    private void add(List<Message> messages, String field, Message next) {
        boolean repeated = !messages.isEmpty()
                && next.role().equals("assistant")
                && messages.get(messages.size() - 1).role().equals("assistant");
        if (repeated) {
            throw place.error("%s[%d]: two assistant turns in a row; join them into one", field, messages.size());
        }
        messages.add(next);
    }

    private Message message(String at, JsonNode turn) {
        requireFields(
                at,
                turn,
                FIELDS,
                "'role' and 'content', and may have tool_calls, tool_call_id, name," + " reasoning_content");
        requireKnown(at, place.text(at + ".role", turn.path("role")), ROLES);
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        turn.properties().forEach(entry -> {
            if (!ignored.contains(entry.getKey())) {
                fields.put(entry.getKey(), field(at + "." + entry.getKey(), entry.getKey(), entry.getValue()));
            }
        });
        if (fields.get("content") == null && fields.get("tool_calls") == null) {
            throw place.error("'%s.content' must be a string, found %s", at, Place.kind(turn.path("content")));
        }
        return new Message(fields);
    }

    private @Nullable Object field(String at, String name, JsonNode value) {
        if (value.isNull()) {
            return null;
        }
        return switch (name) {
            case "content" -> value.isArray() ? parts(at, value) : place.text(at, value);
            case "tool_calls" -> objects(at, value);
            default -> place.text(at, value);
        };
    }

    private List<Map<String, @Nullable Object>> parts(String at, JsonNode list) {
        for (JsonNode part : list) {
            if (!part.path("type").asText().equals("text") || !part.path("text").isTextual()) {
                throw place.error(
                        "'%s' must be a string or a list of parts {\"type\": \"text\", \"text\": ...}; only text is read",
                        at);
            }
        }
        return objects(at, list);
    }

    private List<Map<String, @Nullable Object>> tools(JsonNode tools) {
        return tools.isMissingNode() || tools.isNull() || (tools.isArray() && tools.isEmpty())
                ? List.of()
                : objects("tools", tools);
    }

    private List<Map<String, @Nullable Object>> objects(String at, JsonNode list) {
        if (!list.isArray() || list.isEmpty()) {
            throw place.error("'%s' must be a list of objects, found %s", at, Place.kind(list));
        }
        List<Map<String, @Nullable Object>> objects = new ArrayList<>();
        for (JsonNode item : list) {
            objects.add(place.object(at + "[" + objects.size() + "]", item));
        }
        return objects;
    }

    private void requireFields(String at, JsonNode turn, Set<String> accepted, String words) {
        if (!turn.isObject()) {
            throw place.error("%s must be an object with %s, found %s", at, words, Place.kind(turn));
        }
        turn.fieldNames().forEachRemaining(field -> {
            if (!ignored.contains(field) && !accepted.contains(field)) {
                throw place.error("%s: unknown field '%s'; a turn has %s", at, field, words);
            }
        });
    }

    private void requireKnown(String at, String role, Set<String> accepted) {
        if (!accepted.contains(role)) {
            String list = accepted.stream().sorted().collect(Collectors.joining(", "));
            throw place.error("%s: unknown role '%s'; accepted: %s", at, role, list);
        }
    }
}
