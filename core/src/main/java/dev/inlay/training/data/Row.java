package dev.inlay.training.data;

import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import java.util.List;

/** One row of a data file, as written there; {@link #line()} is its line (of a JSON array: where the element starts). */
public sealed interface Row {

    int line();

    /** Everything that people wrote in it, piece by piece. */
    List<String> texts();

    /** A document; every token of it is learned. */
    record TextRow(int line, String text) implements Row {
        @Override
        public List<String> texts() {
            return List.of(text);
        }
    }

    /** What is given and what follows it; the completion is learned. */
    record CompletionRow(int line, String prompt, String completion) implements Row {
        @Override
        public List<String> texts() {
            return List.of(prompt + completion);
        }
    }

    /** A conversation; the turns of the assistant are learned. */
    record ChatRow(int line, Conversation conversation) implements Row {
        @Override
        public List<String> texts() {
            return conversation.messages().stream().map(Message::content).toList();
        }
    }
}
