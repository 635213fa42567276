package dev.inlay.training.data;

import dev.inlay.model.text.Conversation;

/** One row of a data file, as written there; {@link #line()} is its line (of a JSON array: where the element starts). */
public sealed interface Row {

    int line();

    /** A document; every token of it is learned. */
    record TextRow(int line, String text) implements Row {}

    /** What is given and what follows it; the completion is learned. */
    record CompletionRow(int line, String prompt, String completion) implements Row {}

    /** A conversation; the turns of the assistant are learned. */
    record ChatRow(int line, Conversation conversation) implements Row {}
}
