package dev.inlay;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.io.Serializable;
import java.util.Collection;
import java.util.IllegalFormatException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Every failure that Inlay reports on purpose.
 *
 * <p>The message is one line for people: what was expected, what was found, and the remedy. What of it a program can make
 * use of is in the {@link Facts}. The {@link Kind} decides the exit code of a command. Anything else that is thrown is a
 * bug of ours.
 *
 * <pre>{@code
 * throw InlayException.usage("unknown command \"%s\"", name).found(name).nearest(nearest).attempt("/help");
 * // unknown command "/hlep"; nearest: /help; try: /help
 * }</pre>
 */
public final class InlayException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** What went wrong, by who can mend it. Exit codes are public API and never change. */
    public enum Kind {
        /** A bug of ours. */
        FAULT(1),
        /** Wrong usage or configuration. */
        USAGE(2),
        /** Bad input data or model files. */
        DATA(3),
        /** Bad or unfit adapter. */
        ADAPTER(4),
        /** Out of memory, planned or met. */
        MEMORY(5),
        /** Non-finite loss or gradient, or weights that do not move. */
        DIVERGED(6),
        /** Interrupted; a training's last checkpoint is complete and named, nothing else is left half-written. */
        INTERRUPTED(7);

        private final int exitCode;

        Kind(int exitCode) {
            this.exitCode = exitCode;
        }

        public int exitCode() {
            return exitCode;
        }
    }

    /**
     * Parts of a message for programs; empty where nothing is to be said.
     *
     * @param expected what would have been right; the message says it, too
     * @param found what was there instead; the message says it, too
     * @param nearest the valid choices nearest to it; ends the message
     * @param attempt what to try; ends the message
     */
    public record Facts(String expected, String found, String nearest, String attempt) implements Serializable {
        private static final Facts NONE = new Facts("", "", "", "");
    }

    private final Kind kind;
    private final Facts facts;

    public InlayException(Kind kind, String message, @Nullable Throwable cause) {
        this(kind, message, Facts.NONE, cause);
    }

    private InlayException(Kind kind, String message, Facts facts, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.facts = facts;
    }

    public Kind kind() {
        return kind;
    }

    public Facts facts() {
        return facts;
    }

    /** Tells programs what was expected. */
    public InlayException expected(String expected) {
        return with(new Facts(line(expected), facts.found, facts.nearest, facts.attempt));
    }

    /** Tells programs what was found. */
    public InlayException found(String found) {
        return with(new Facts(facts.expected, line(found), facts.nearest, facts.attempt));
    }

    /** Names the nearest valid choices, best first. */
    public InlayException nearest(Collection<String> nearest) {
        return with(new Facts(facts.expected, facts.found, line(String.join(", ", nearest)), facts.attempt));
    }

    public InlayException nearest(Optional<String> nearest) {
        return nearest(nearest.map(List::of).orElse(List.of()));
    }

    /** Says what to try: a command, or the part of one to change. */
    public InlayException attempt(String attempt) {
        return with(new Facts(facts.expected, facts.found, facts.nearest, line(attempt)));
    }

    private InlayException with(Facts other) {
        return new InlayException(kind, ownMessage(), other, getCause());
    }

    /** The same failure, which somebody else can mend. */
    public InlayException as(Kind other) {
        return new InlayException(other, ownMessage(), facts, this);
    }

    /** The same failure with its place in front, for what was thrown by code that does not know it; once is enough. */
    public InlayException at(String place) {
        return ownMessage().startsWith(place)
                ? this
                : new InlayException(kind, line(place) + ": " + ownMessage(), facts, this);
    }

    @FormatMethod
    public static InlayException usage(@FormatString String format, @Nullable Object... arguments) {
        return new InlayException(Kind.USAGE, format(format, arguments), null);
    }

    @FormatMethod
    public static InlayException data(@FormatString String format, @Nullable Object... arguments) {
        return new InlayException(Kind.DATA, format(format, arguments), null);
    }

    @FormatMethod
    public static InlayException adapter(@FormatString String format, @Nullable Object... arguments) {
        return new InlayException(Kind.ADAPTER, format(format, arguments), null);
    }

    @FormatMethod
    public static InlayException memory(@FormatString String format, @Nullable Object... arguments) {
        return new InlayException(Kind.MEMORY, format(format, arguments), null);
    }

    @FormatMethod
    public static InlayException diverged(@FormatString String format, @Nullable Object... arguments) {
        return new InlayException(Kind.DIVERGED, format(format, arguments), null);
    }

    /** Keeps the cause, for {@code --debug}. */
    public InlayException causedBy(Throwable cause) {
        return new InlayException(kind, ownMessage(), facts, cause);
    }

    /** A setting out of range is wrong usage. */
    @FormatMethod
    public static void require(boolean condition, @FormatString String format, @Nullable Object... arguments) {
        if (!condition) {
            throw usage(format, arguments);
        }
    }

    @Override
    public String getMessage() {
        return ownMessage()
                + (facts.nearest.isEmpty() ? "" : "; nearest: " + facts.nearest)
                + (facts.attempt.isEmpty() ? "" : "; try: " + facts.attempt);
    }

    private String ownMessage() {
        return String.valueOf(super.getMessage());
    }

    @FormatMethod
    private static String format(@FormatString String format, @Nullable Object... arguments) {
        String text;
        try {
            text = String.format(Locale.ROOT, format, arguments);
        } catch (IllegalFormatException e) {
            throw new AssertionError("bad message format: " + format, e);
        }
        return line(text);
    }

    /** Hostile names stay on the line, and the line has an end. */
    private static String line(String text) {
        String line = OneLine.of(text);
        return line.length() <= 2000 ? line : line.substring(0, 2000) + "...";
    }
}
