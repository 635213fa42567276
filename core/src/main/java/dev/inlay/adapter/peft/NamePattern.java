package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression over module paths, in the three ways PEFT applies one.
 *
 * <p>An expression from a file can be made to run for ever. So the number of characters a match may look at is limited: a
 * sane expression needs some hundreds, and the limit is reached after milliseconds.
 */
public final class NamePattern {
    private static final int MOST_STEPS = 200_000;

    private final String where;
    private final String text;
    private final Pattern compiled;

    private NamePattern(String where, String text, String before, String after) {
        this.where = where;
        this.text = text;
        String java = PythonRegex.toJava(where, text);
        try {
            this.compiled = Pattern.compile(before + java + after);
        } catch (PatternSyntaxException e) {
            throw InlayException.adapter("%s: \"%s\" is no regular expression: %s", where, text, e.getDescription())
                    .causedBy(e);
        }
    }

    /** Must match the whole path: a string in {@code target_modules} or {@code exclude_modules}. */
    public static NamePattern whole(String where, String text) {
        return new NamePattern(where, text, "(?:", ")\\z");
    }

    /** Must match the end of the path from the start of a segment: a key of {@code rank_pattern}. */
    public static NamePattern ending(String where, String text) {
        return new NamePattern(where, text, "(?:.*\\.)?(?:", ")\\z");
    }

    /** Names the list of layers: an element of {@code layers_pattern}. */
    static NamePattern layers(String where, String text) {
        if (text.indexOf('|') >= 0) {
            throw InlayException.adapter("%s: \"%s\" holds alternatives; write them as a list", where, text);
        }
        return new NamePattern(where, text, "(?:^|.*?\\.)", "\\.(?<layer>\\d{1,9})\\.");
    }

    boolean matches(String path) {
        return matcher(path) != null;
    }

    /** The number behind the first place where the list's name stands. */
    OptionalInt layerIn(String path) {
        Matcher matcher = matcher(path);
        return matcher == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(matcher.group("layer")));
    }

    private @Nullable Matcher matcher(String path) {
        try {
            Matcher matcher = compiled.matcher(new Metered(path));
            return matcher.lookingAt() ? matcher : null;
        } catch (Exhausted e) {
            throw InlayException.adapter(
                            "%s: the regular expression \"%s\" needs more than %d steps on \"%s\"; simplify it",
                            where, text, MOST_STEPS, path)
                    .causedBy(e);
        }
    }

    /** The expression as the file has it. */
    public String text() {
        return text;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NamePattern that
                && compiled.pattern().equals(that.compiled.pattern())
                && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return Objects.hash(text, compiled.pattern());
    }

    @Override
    public String toString() {
        return text;
    }

    private static final class Exhausted extends RuntimeException {
        private static final long serialVersionUID = 1;

        Exhausted() {
            super("too many steps", null, false, false);
        }
    }

    /** Counts what the matcher reads; the matcher itself has no limit to set. */
    private static final class Metered implements CharSequence {
        private final String path;
        private int steps;

        Metered(String path) {
            this.path = path;
        }

        @Override
        public char charAt(int index) {
            if (++steps > MOST_STEPS) {
                throw new Exhausted();
            }
            return path.charAt(index);
        }

        @Override
        public int length() {
            return path.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return path.substring(start, end);
        }

        @Override
        public String toString() {
            return path;
        }
    }
}
