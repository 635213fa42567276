package dev.inlay;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.IllegalFormatException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Every failure that Inlay reports on purpose.
 *
 * <p>The message is one line for people: what was expected, what was found, and the remedy. The {@link Kind} decides the
 * exit code of a command. Anything else that is thrown is a bug of ours.
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
        /** Interrupted; the last checkpoint is complete and named. */
        INTERRUPTED(7);

        private final int exitCode;

        Kind(int exitCode) {
            this.exitCode = exitCode;
        }

        public int exitCode() {
            return exitCode;
        }
    }

    private final Kind kind;

    public InlayException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
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
        return new InlayException(kind, getMessage(), cause);
    }

    /** The same with its place in front, for what was thrown by code that does not know it; once is enough. */
    public InlayException at(String place) {
        return getMessage().startsWith(place) ? this : new InlayException(kind, place + ": " + getMessage(), this);
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
        return String.valueOf(super.getMessage());
    }

    /** Hostile names stay on the line. */
    @FormatMethod
    private static String format(@FormatString String format, @Nullable Object... arguments) {
        String text;
        try {
            text = String.format(Locale.ROOT, format, arguments);
        } catch (IllegalFormatException e) {
            throw new AssertionError("bad message format: " + format, e);
        }
        String line = OneLine.of(text);
        return line.length() <= 2000 ? line : line.substring(0, 2000) + "...";
    }
}
