package dev.inlay.model.text;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One turn of a conversation, as a template sees it.
 *
 * @param fields {@code role}: who speaks, usually system, user, assistant or tool; {@code content}: what is said, a text
 *     or a list of parts {@code {type: text, text}}; and what else a template knows of a turn ({@code tool_calls},
 *     {@code tool_call_id}, {@code name}, {@code reasoning_content}). Values are those of {@link Conversation}
 */
public record Message(Map<String, @Nullable Object> fields) {
    public Message {
        fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    }

    public Message(String role, String content) {
        this(inOrder(role, content));
    }

    /** A template may print the whole message. */
    private static Map<String, @Nullable Object> inOrder(String role, String content) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("role", role);
        fields.put("content", content);
        return fields;
    }

    public String role() {
        return String.valueOf(fields.get("role"));
    }

    /** The same with more text at its end. */
    Message followedBy(String more) {
        Map<String, @Nullable Object> longer = new LinkedHashMap<>(fields);
        if (fields.get("content") instanceof List<?> parts) {
            List<@Nullable Object> items = new ArrayList<>(parts);
            items.add(Map.of("type", "text", "text", more));
            longer.put("content", items);
        } else {
            longer.put("content", content() + more);
        }
        return new Message(longer);
    }

    /** What is said as plain text: the parts one after another, nothing if there is no content. */
    public String content() {
        Object content = fields.get("content");
        if (content instanceof List<?> parts) {
            StringBuilder text = new StringBuilder();
            for (Object part : parts) {
                Object own = part instanceof Map<?, ?> map ? map.get("text") : null;
                text.append(own == null ? "" : own);
            }
            return text.toString();
        }
        return content == null ? "" : content.toString();
    }
}
