package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a regular expression of Python's {@code re} and writes the same one for Java.
 *
 * <p>Taken: literals, {@code .}, {@code |}, {@code ^}, {@code $}, groups, named groups (which lose their name), look-ahead,
 * character classes without nesting, {@code \d \w \s \D \W \S \b \B \A}, escaped punctuation, and greedy or lazy
 * repetition up to 1000. On module paths, which are plain ASCII without line ends, these mean the same in both languages.
 * Refused: everything that one of the two reads otherwise, or not at all (flags, back references, look-behind,
 * possessive repetition, set operations, {@code \Z}), and nesting deep enough to exhaust the stack.
 */
final class PythonRegex {
    private static final int LONGEST = 100_000;
    private static final int DEEPEST = 10;
    private static final int MOST_REPEATS = 1000;
    private static final int MOST_SHOWN = 200;
    private static final Pattern COUNT = Pattern.compile("\\{(\\d{0,5})(,?)(\\d{0,5})\\}");
    private static final Pattern NAMED = Pattern.compile("\\(\\?P<[A-Za-z_][A-Za-z0-9_]*>");

    private final String where;
    private final String source;
    private final StringBuilder java = new StringBuilder();
    private final boolean[] lookAhead = new boolean[DEEPEST + 1];
    private int at;
    private int depth;
    private boolean repeatable;

    private PythonRegex(String where, String source) {
        this.where = where;
        this.source = source;
    }

    /** The same expression for {@link Pattern}; an error that begins with {@code where} if there is none. */
    static String toJava(String where, String source) {
        return new PythonRegex(where, source).translate();
    }

    private String translate() {
        if (source.length() > LONGEST) {
            throw refused("has %d characters, more than %d".formatted(source.length(), LONGEST));
        }
        while (at < source.length()) {
            step();
        }
        if (depth > 0) {
            throw refused("misses a closing parenthesis");
        }
        return java.toString();
    }

    private void step() {
        char c = source.charAt(at);
        switch (c) {
            case '\\' -> escape();
            case '[' -> characterClass();
            case '(' -> open();
            case ')' -> close();
            case '*', '+', '?' -> repeat(String.valueOf(c), 1);
            case '{' -> count();
            case '|', '^', '$' -> copy(1, false);
            default -> copy(1, true);
        }
    }

    private void copy(int length, boolean thenRepeatable) {
        java.append(source, at, at + length);
        at += length;
        repeatable = thenRepeatable;
    }

    private char peek(int offset) {
        return at + offset < source.length() ? source.charAt(at + offset) : '\0';
    }

    private void escape() {
        char c = peek(1);
        if ("bBA".indexOf(c) >= 0) {
            copy(2, false);
        } else if ("dDwWsS".indexOf(c) >= 0 || isPunctuation(c)) {
            copy(2, true);
        } else {
            throw refused(
                    "uses the escape \\" + (c == '\0' ? "" : c) + ", which has no meaning common to Python and Java");
        }
    }

    private void open() {
        if (++depth > DEEPEST) {
            throw refused("nests deeper than %d groups".formatted(DEEPEST));
        }
        lookAhead[depth] = false;
        Matcher named = NAMED.matcher(source).region(at, source.length());
        if (peek(1) != '?') {
            copy(1, false);
        } else if (peek(2) == ':') {
            copy(3, false);
        } else if (peek(2) == '=' || peek(2) == '!') {
            lookAhead[depth] = true;
            copy(3, false);
        } else if (named.lookingAt()) {
            java.append('(');
            at = named.end();
            repeatable = false;
        } else {
            throw refused("uses the group \"(?" + peek(2) + "\"; groups, named groups and look-ahead are read");
        }
    }

    private void close() {
        if (depth == 0) {
            throw refused("has a closing parenthesis too many");
        }
        copy(1, !lookAhead[depth--]);
    }

    private void repeat(String operator, int length) {
        if (!repeatable) {
            throw refused("has nothing to repeat before \"%s\" at place %d".formatted(operator, at + 1));
        }
        java.append(operator);
        at += length;
        if (peek(0) == '?') {
            java.append('?');
            at++;
        } else if (peek(0) == '+') {
            throw refused("uses possessive repetition, which older Python refuses");
        }
        repeatable = false;
    }

    private void count() {
        Matcher count = COUNT.matcher(source).region(at, source.length());
        if (!count.lookingAt() || count.group().length() < 3 || count.group().equals("{,}")) {
            throw refused("has a brace that is no repetition at place %d; escape it".formatted(at + 1));
        }
        int least = count.group(1).isEmpty() ? 0 : Integer.parseInt(count.group(1));
        boolean open = !count.group(2).isEmpty() && count.group(3).isEmpty();
        int most = count.group(2).isEmpty() || open ? least : Integer.parseInt(count.group(3));
        if (most > MOST_REPEATS || least > most) {
            throw refused("repeats %s; at most %d is read".formatted(count.group(), MOST_REPEATS));
        }
        String operator = "{" + least + (count.group(2).isEmpty() ? "" : "," + (open ? "" : most)) + "}";
        repeat(operator, count.group().length());
    }

    private void characterClass() {
        int start = at;
        at += peek(1) == '^' ? 2 : 1;
        int first = at;
        boolean rangeMayStart = false;
        while (peek(0) != ']' || at == first) {
            rangeMayStart = member(first, rangeMayStart);
        }
        at++;
        java.append(source, start, at);
        repeatable = true;
    }

    /** One member of a class; true if a dash after it makes a range. */
    private boolean member(int first, boolean rangeMayStart) {
        char c = peek(0);
        boolean doubled = c == peek(1) && "&|~-".indexOf(c) >= 0;
        if (at >= source.length() || c == '[' || c == ']' || doubled) {
            throw refused("has a character class that Python and Java read differently; escape its punctuation");
        }
        if (c == '-') {
            return dash(first, rangeMayStart);
        }
        return plain();
    }

    private boolean dash(int first, boolean rangeMayStart) {
        boolean literal = at == first || peek(1) == ']';
        at++;
        if (literal) {
            return false;
        }
        if (!rangeMayStart || !plain()) {
            throw refused("has a dash in a character class that is neither a range nor at an end");
        }
        return false;
    }

    /** Skips a single character of a class, escaped or not; false if it was a class of its own such as {@code \d}. */
    private boolean plain() {
        if (peek(0) != '\\') {
            at++;
            return true;
        }
        char c = peek(1);
        boolean set = "dDwWsS".indexOf(c) >= 0;
        if (!set && !isPunctuation(c)) {
            throw refused("uses the escape \\" + (c == '\0' ? "" : c) + " in a character class");
        }
        at += 2;
        return !set;
    }

    private static boolean isPunctuation(char c) {
        return c > ' ' && c < 127 && !Character.isLetterOrDigit(c);
    }

    private InlayException refused(String reason) {
        String shown = source.length() <= MOST_SHOWN ? source : source.substring(0, MOST_SHOWN) + "...";
        return InlayException.adapter("%s: the regular expression \"%s\" %s", where, shown, reason);
    }
}
