package dev.inlay.model.text.jinja;

/** Something that writes. */
@FunctionalInterface
interface Statement {
    /** What the enclosing loop does next. */
    enum Next {
        ON,
        BREAK,
        CONTINUE
    }

    Next run(Frame frame, Output output);
}
