package dev.inlay.model.text.jinja;

/** A template that cannot be read or rendered, or that refused its input ({@code raise_exception}). */
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int line;

    TemplateException(String message) {
        this(message, 0);
    }

    TemplateException(String message, int line) {
        super(message);
        this.line = line;
    }

    /** The line of the template, counted from 1. */
    public int line() {
        return line;
    }

    /** The same with a line, unless it has one. */
    TemplateException at(int where) {
        return line > 0 ? this : new TemplateException(String.valueOf(getMessage()), where);
    }
}
