package dev.inlay.model.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a chat template renders.
 *
 * <p>All values are those of JSON: null, text, booleans, {@code Long}, {@code Double}, lists, and maps in the order of
 * their keys.
 *
 * @param messages the turns
 * @param tools what the assistant may call, each usually {@code {type: function, function: {name, description,
 *     parameters}}}; empty for none
 */
public record Conversation(List<Message> messages, List<Map<String, @Nullable Object>> tools) {
    public Conversation {
        messages = List.copyOf(messages);
        tools = List.copyOf(tools);
    }

    public static Conversation of(List<Message> messages) {
        return new Conversation(messages, List.of());
    }

    public static Conversation of(Message... messages) {
        return of(List.of(messages));
    }

    /** The same tools and other turns. */
    public Conversation withMessages(List<Message> others) {
        return new Conversation(others, tools);
    }

    /** The conversation with every text in it changed, except roles and the names of a message's fields. */
    Conversation mapTexts(UnaryOperator<String> change) {
        List<Message> changed = new ArrayList<>();
        for (Message message : messages) {
            Map<String, @Nullable Object> fields = new LinkedHashMap<>();
            message.fields()
                    .forEach((name, value) -> fields.put(name, name.equals("role") ? value : mapped(value, change)));
            changed.add(new Message(fields));
        }
        List<Map<String, @Nullable Object>> changedTools = new ArrayList<>();
        tools.forEach(tool -> changedTools.add(mapped(tool, change)));
        return new Conversation(changed, changedTools);
    }

    private static @Nullable Object mapped(@Nullable Object value, UnaryOperator<String> change) {
        if (value instanceof String text) {
            return change.apply(text);
        } else if (value instanceof List<?> list) {
            List<@Nullable Object> items = new ArrayList<>();
            list.forEach(item -> items.add(mapped(item, change)));
            return items;
        } else if (value instanceof Map<?, ?> map) {
            return mapped(map, change);
        }
        return value;
    }

    private static Map<String, @Nullable Object> mapped(Map<?, ?> map, UnaryOperator<String> change) {
        Map<String, @Nullable Object> entries = new LinkedHashMap<>();
        map.forEach((key, value) -> entries.put(change.apply(key.toString()), mapped(value, change)));
        return entries;
    }
}
