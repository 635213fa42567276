package dev.inlay.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.inlay.InlayException;
import dev.inlay.model.text.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Turns the JSON values of one file into rows; all must have the form of the first. */
final class RowParser {
    private static final Map<String, String> SHAREGPT_ROLES =
            Map.of("system", "system", "human", "user", "user", "user", "gpt", "assistant", "assistant", "assistant");
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant", "tool");

    private final String name;
    private final Set<String> ignored;
    private @Nullable RowForm form;
    private int formLine;

    RowParser(String name, Set<String> ignored) {
        this.name = name;
        this.ignored = ignored;
    }

    /** The text row that a string is. */
    Row text(int line, JsonNode value) {
        agree(line, RowForm.TEXT);
        return new Row.TextRow(line, text(line, "text", value));
    }

    /** The row that an object of one of the {@link RowForm}s is. */
    Row row(int line, JsonNode value) {
        if (!value.isObject()) {
            throw error(line, "expected an object (%s), found %s", RowForm.ACCEPTED, kind(value));
        }
        RowForm found = formOf(line, value);
        agree(line, found);
        return switch (found) {
            case TEXT -> new Row.TextRow(line, text(line, value, "text"));
            case COMPLETION ->
                new Row.CompletionRow(line, text(line, value, "prompt"), text(line, value, "completion"));
            case MESSAGES -> chat(line, value, "messages", "role", "content");
            case INSTRUCTION -> instruction(line, value);
            case CONVERSATIONS -> chat(line, value, "conversations", "from", "value");
        };
    }

    private RowForm formOf(int line, JsonNode value) {
        List<String> names = names(value);
        List<RowForm> forms = new ArrayList<>();
        for (RowForm each : RowForm.values()) {
            if (names.stream().anyMatch(each.fields()::contains)) {
                forms.add(each);
            }
        }
        if (forms.isEmpty()) {
            throw error(line, "expected one of %s, found the fields %s", RowForm.ACCEPTED, names);
        }
        if (forms.size() > 1) {
            throw error(line, "fields of several forms in one row, %s: expected one of %s", names, RowForm.ACCEPTED);
        }
        RowForm only = forms.get(0);
        for (String field : only.required()) {
            if (!names.contains(field)) {
                throw error(line, "field '%s' is missing: a row of this form has %s", field, only);
            }
        }
        for (String field : names) {
            if (!only.fields().contains(field)) {
                throw error(line, "unknown field '%s' beside %s: remove it, or name it to be ignored", field, only);
            }
        }
        if (names.contains("tools")) {
            throw error(line, "'tools' is not supported: remove the field, or write the tools into the system message");
        }
        return only;
    }

    private List<String> names(JsonNode value) {
        List<String> names = new ArrayList<>();
        value.fieldNames().forEachRemaining(names::add);
        names.removeAll(ignored);
        return names;
    }

    private void agree(int line, RowForm found) {
        if (form == null) {
            form = found;
            formLine = line;
        }
        if (form != found) {
            throw error(
                    line, "mixed forms: this row is %s, line %d is %s; keep one form per file", found, formLine, form);
        }
    }

    private Row instruction(int line, JsonNode value) {
        String input = value.has("input") ? text(line, value, "input") : "";
        String instruction = text(line, value, "instruction");
        String asked = input.isEmpty() ? instruction : instruction + "\n\n" + input;
        String output = text(line, value, "output");
        return new Row.ChatRow(line, List.of(new Message("user", asked), new Message("assistant", output)));
    }

    private Row chat(int line, JsonNode value, String field, String roleField, String contentField) {
        JsonNode turns = value.get(field);
        if (!turns.isArray() || turns.isEmpty()) {
            throw error(line, "'%s' must be a list of turns, found %s", field, kind(turns));
        }
        List<Message> messages = new ArrayList<>();
        for (JsonNode turn : turns) {
            String place = field + "[" + messages.size() + "]";
            Message message = message(line, place, turn, roleField, contentField);
            boolean repeated = !messages.isEmpty()
                    && message.role().equals("assistant")
                    && messages.get(messages.size() - 1).role().equals("assistant");
            if (repeated) {
                throw error(line, "%s: two assistant turns in a row; join them into one", place);
            }
            messages.add(message);
        }
        return new Row.ChatRow(line, messages);
    }

    private Message message(int line, String place, JsonNode turn, String roleField, String contentField) {
        if (!turn.isObject()) {
            throw error(
                    line,
                    "%s must be an object with '%s' and '%s', found %s",
                    place,
                    roleField,
                    contentField,
                    kind(turn));
        }
        for (String field : names(turn)) {
            if (!field.equals(roleField) && !field.equals(contentField)) {
                throw error(
                        line,
                        "%s: unknown field '%s'; a turn has '%s' and '%s'",
                        place,
                        field,
                        roleField,
                        contentField);
            }
        }
        String role = text(line, place + "." + roleField, turn.path(roleField));
        String content = text(line, place + "." + contentField, turn.path(contentField));
        return new Message(known(line, place, role, roleField.equals("from")), content);
    }

    private String known(int line, String place, String role, boolean shareGpt) {
        Set<String> accepted = shareGpt ? SHAREGPT_ROLES.keySet() : ROLES;
        if (!accepted.contains(role)) {
            String list = accepted.stream().sorted().collect(Collectors.joining(", "));
            throw error(line, "%s: unknown role '%s'; accepted: %s", place, role, list);
        }
        return shareGpt ? SHAREGPT_ROLES.getOrDefault(role, role) : role;
    }

    private String text(int line, JsonNode object, String field) {
        return text(line, field, object.path(field));
    }

    private String text(int line, String field, JsonNode value) {
        if (!value.isTextual()) {
            throw error(line, "'%s' must be a string, found %s", field, kind(value));
        }
        String text = value.textValue();
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw error(line, "'%s' holds half of a surrogate pair, which is no character", field);
        }
        return text;
    }

    private static String kind(JsonNode value) {
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

    @FormatMethod
    private InlayException error(int line, @FormatString String format, @Nullable Object... arguments) {
        return InlayException.data("%s line %d: %s", name, line, String.format(Locale.ROOT, format, arguments));
    }
}
