package dev.inlay.training.data;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The forms that a row may have, known by the names of their fields. */
@SuppressWarnings("ImmutableEnumChecker") // the collections are unmodifiable
enum RowForm {
    TEXT(List.of("text"), List.of()),
    COMPLETION(List.of("prompt", "completion"), List.of()),
    MESSAGES(List.of("messages"), List.of("tools")),
    INSTRUCTION(List.of("instruction", "output"), List.of("input")),
    CONVERSATIONS(List.of("conversations"), List.of()),
    IDS(List.of("ids"), List.of("learned", "open"));

    /** For messages. */
    static final String ACCEPTED =
            Arrays.stream(values()).map(RowForm::toString).collect(Collectors.joining(" | "));

    private final List<String> required;
    private final Set<String> fields;

    RowForm(List<String> required, List<String> optional) {
        this.required = required;
        Set<String> all = new LinkedHashSet<>(required);
        all.addAll(optional);
        this.fields = Collections.unmodifiableSet(all);
    }

    List<String> required() {
        return required;
    }

    /** Required and optional field names. */
    Set<String> fields() {
        return fields;
    }

    @Override
    public String toString() {
        return String.join("+", required);
    }
}
