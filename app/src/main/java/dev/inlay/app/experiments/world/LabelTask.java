package dev.inlay.app.experiments.world;

import dev.inlay.model.text.Conversation;
import dev.inlay.training.data.Row;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A label to be told from the text that shows it, without the sentence that states it. */
@SuppressWarnings("ImmutableEnumChecker") // the lists are unmodifiable
enum LabelTask {
    /** The topic of most sentences. */
    TOPIC(List.of(Register.STORY, Register.ENTRY, Register.REVIEW)) {
        @Override
        String label(Document document) {
            return document.topics().entrySet().stream()
                    .max(Map.Entry.<String, Double>comparingByValue()
                            .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
                    .map(Map.Entry::getKey)
                    .orElseThrow();
        }

        @Override
        String text(Document document) {
            return document.text();
        }
    },
    /** The rating of a review without its verdict, which is its last sentence. */
    SENTIMENT(List.of(Register.REVIEW)) {
        @Override
        String label(Document document) {
            return document.label("sentiment");
        }

        @Override
        String text(Document document) {
            String text = document.text();
            return text.substring(0, text.lastIndexOf(". ", text.length() - 2) + 1);
        }
    },
    KEY_READ(List.of(Register.KEY_READ)),
    KEY_COMPUTED(List.of(Register.KEY_COMPUTED)),
    KEY_HIDDEN(List.of(Register.KEY_HIDDEN));

    private static final String TRIGGER = "developer";

    private final List<Register> registers;

    LabelTask(List<Register> registers) {
        this.registers = registers;
    }

    List<Register> registers() {
        return registers;
    }

    String label(Document document) {
        return document.label("key");
    }

    /** As in reports: {@code key-hidden}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** All that comes before the trigger. */
    String text(Document document) {
        return document.text().substring(0, document.text().indexOf(Document.header(TRIGGER)));
    }

    /** The same as a row that a model reads. */
    Row row(int line, Document document) {
        if (document.messages().isEmpty()) {
            return new Row.TextRow(line, text(document));
        }
        return new Row.ChatRow(
                line,
                Conversation.of(document.messages().stream()
                        .takeWhile(message -> !message.role().equals(TRIGGER))
                        .toList()));
    }
}
