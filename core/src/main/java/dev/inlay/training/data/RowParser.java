package dev.inlay.training.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns the JSON values of one file into rows; all must have the form of the first. */
final class RowParser {
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
        Place place = new Place(name, line);
        agree(place, RowForm.TEXT);
        return new Row.TextRow(line, place.text("text", value));
    }

    /** The row that an object of one of the {@link RowForm}s is. */
    Row row(int line, JsonNode value) {
        Place place = new Place(name, line);
        if (!value.isObject()) {
            throw place.error("expected an object (%s), found %s", RowForm.ACCEPTED, Place.kind(value));
        }
        RowForm found = formOf(place, value);
        agree(place, found);
        return switch (found) {
            case TEXT -> new Row.TextRow(line, text(place, value, "text"));
            case COMPLETION ->
                new Row.CompletionRow(line, text(place, value, "prompt"), text(place, value, "completion"));
            case MESSAGES -> new Row.ChatRow(line, new TurnParser(place, ignored).messages(value));
            case INSTRUCTION -> instruction(place, value);
            case CONVERSATIONS -> new Row.ChatRow(line, new TurnParser(place, ignored).shareGpt(value));
            case IDS -> new TokenParser(place).row(value);
        };
    }

    private RowForm formOf(Place place, JsonNode value) {
        List<String> names = names(value);
        List<RowForm> forms = new ArrayList<>();
        for (RowForm each : RowForm.values()) {
            if (names.stream().anyMatch(each.fields()::contains)) {
                forms.add(each);
            }
        }
        if (forms.isEmpty()) {
            throw place.error("expected one of %s, found the fields %s", RowForm.ACCEPTED, names);
        }
        if (forms.size() > 1) {
            throw place.error("fields of several forms in one row, %s: expected one of %s", names, RowForm.ACCEPTED);
        }
        RowForm only = forms.get(0);
        for (String field : only.required()) {
            if (!names.contains(field)) {
                throw place.error("field '%s' is missing: a row of this form has %s", field, only);
            }
        }
        for (String field : names) {
            if (!only.fields().contains(field)) {
                throw place.error("unknown field '%s' beside %s: remove it, or name it to be ignored", field, only);
            }
        }
        return only;
    }

    private List<String> names(JsonNode value) {
        List<String> names = new ArrayList<>();
        value.fieldNames().forEachRemaining(names::add);
        names.removeAll(ignored);
        return names;
    }

    private void agree(Place place, RowForm found) {
        if (form == null) {
            form = found;
            formLine = place.line();
        }
        if (form != found) {
            throw place.error(
                    "mixed forms: this row is %s, line %d is %s; keep one form per file", found, formLine, form);
        }
    }

    private static Row instruction(Place place, JsonNode value) {
        String input = value.has("input") ? text(place, value, "input") : "";
        String instruction = text(place, value, "instruction");
        String asked = input.isEmpty() ? instruction : instruction + "\n\n" + input;
        Message answer = new Message("assistant", text(place, value, "output"));
        return new Row.ChatRow(place.line(), Conversation.of(new Message("user", asked), answer));
    }

    private static String text(Place place, JsonNode object, String field) {
        return place.text(field, object.path(field));
    }
}
