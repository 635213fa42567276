package dev.inlay.model.text;

import dev.inlay.InlayException;
import java.nio.file.Path;

/**
 * Refuses regular expressions whose matching time could explode.
 *
 * <p>The native library backtracks, counts its steps, and ends the process when there are too many. Accepted is the
 * shape that published tokenizers have: an alternation of sequences of characters and classes, in which at most two
 * items repeat without bound and nothing mandatory follows the second of them, so that one attempt takes steps linear in
 * the length of the text. Groups may be optional, but may not repeat.
 */
final class RegexCheck {
    private static final int LONGEST = 4_000;

    private final Path file;
    private final String pattern;
    private int at;

    private RegexCheck(Path file, String pattern) {
        this.file = file;
        this.pattern = pattern;
    }

    static void check(Path file, String pattern) {
        if (pattern.isEmpty() || pattern.length() > LONGEST) {
            throw InlayException.data(
                    "%s: a regular expression of %d characters; expected 1 to %d", file, pattern.length(), LONGEST);
        }
        RegexCheck check = new RegexCheck(file, pattern);
        check.alternatives(0);
        if (check.at < pattern.length()) {
            throw check.refuse("an unmatched )");
        }
    }

    private boolean has() {
        return at < pattern.length();
    }

    /** Reads alternatives up to the closing parenthesis or the end; answers whether any item in them repeats unboundedly. */
    private boolean alternatives(int depth) {
        if (depth > 16) {
            throw refuse("groups nested deeper than 16");
        }
        boolean any = false;
        int unbounded = 0;
        while (has() && pattern.charAt(at) != ')') {
            if (pattern.charAt(at) == '|') {
                at++;
                unbounded = 0;
                continue;
            }
            boolean repeats = item(depth);
            Repeat repeat = quantifier();
            if (repeats && repeat != Repeat.ONCE) {
                throw refuse("a repeated group that repeats inside");
            }
            if (repeat == Repeat.UNBOUNDED || repeats) {
                unbounded += repeats ? 2 : 1;
                any = true;
            }
            if (unbounded > 2 || (unbounded == 2 && repeat == Repeat.ONCE && !repeats)) {
                throw refuse("an item after two unbounded repetitions");
            }
        }
        return any;
    }

    private enum Repeat {
        ONCE,
        OPTIONAL,
        UNBOUNDED
    }

    /** One character, class or group; answers whether something in it repeats without bound. */
    private boolean item(int depth) {
        char c = pattern.charAt(at++);
        switch (c) {
            case '(' -> {
                return group(depth);
            }
            case '[' -> characterClass(0);
            case '\\' -> escape();
            case '*', '+', '?', '{' -> throw refuse("a repetition of nothing");
            default -> {
                if (Character.isHighSurrogate(c) && has()) {
                    at++;
                }
            }
        }
        return false;
    }

    private boolean group(int depth) {
        if (pattern.startsWith("?", at)) {
            int colon = pattern.indexOf(':', at);
            if (pattern.startsWith("?!", at) || pattern.startsWith("?=", at)) {
                at += 2;
            } else if (pattern.startsWith("?<!", at) || pattern.startsWith("?<=", at)) {
                at += 3;
            } else if (colon > at && pattern.substring(at + 1, colon).matches("[imx-]*")) {
                at = colon + 1;
            } else {
                throw refuse("a group of an unsupported kind");
            }
        } else if (pattern.startsWith("*", at)) {
            throw refuse("a callout");
        }
        boolean repeats = alternatives(depth + 1);
        if (!has()) {
            throw refuse("an unmatched (");
        }
        at++;
        int next = has() ? pattern.charAt(at) : 0;
        if (next == '*' || next == '+' || next == '{') {
            throw refuse("a repeated group");
        }
        return repeats;
    }

    private void characterClass(int depth) {
        if (depth > 8) {
            throw refuse("character classes nested deeper than 8");
        }
        if (pattern.startsWith("^", at)) {
            at++;
        }
        boolean first = true;
        while (has() && (first || pattern.charAt(at) != ']')) {
            char c = pattern.charAt(at++);
            if (c == '\\') {
                escape();
            } else if (c == '[') {
                characterClass(depth + 1);
            }
            first = false;
        }
        if (!has()) {
            throw refuse("an unmatched [");
        }
        at++;
    }

    private void escape() {
        if (!has()) {
            throw refuse("a trailing backslash");
        }
        char c = pattern.charAt(at++);
        if ((c >= '1' && c <= '9') || c == 'k' || c == 'g' || c == 'X' || c == 'R') {
            throw refuse("a back reference, call or grapheme escape");
        }
        if ((c == 'p' || c == 'P' || c == 'x') && pattern.startsWith("{", at)) {
            int end = pattern.indexOf('}', at);
            if (end < 0) {
                throw refuse("an unmatched {");
            }
            at = end + 1;
        }
    }

    private Repeat quantifier() {
        if (!has()) {
            return Repeat.ONCE;
        }
        Repeat repeat = switch (pattern.charAt(at)) {
            case '*', '+' -> Repeat.UNBOUNDED;
            case '?' -> Repeat.OPTIONAL;
            case '{' -> counted();
            default -> Repeat.ONCE;
        };
        if (repeat != Repeat.ONCE) {
            at++;
            if (has() && (pattern.charAt(at) == '?' || pattern.charAt(at) == '+')) {
                at++;
            }
            if (has() && "*+?{".indexOf(pattern.charAt(at)) >= 0) {
                throw refuse("a repeated repetition");
            }
        }
        return repeat;
    }

    /** At {@code {n}}, {@code {n,}} or {@code {n,m}}; leaves the position at the closing brace. */
    private Repeat counted() {
        int end = pattern.indexOf('}', at);
        String inside = end < 0 ? "" : pattern.substring(at + 1, end);
        if (!inside.matches("[0-9]{1,2}(,[0-9]{0,2})?|,[0-9]{1,2}")) {
            throw refuse("a repetition count outside 0 to 99");
        }
        at = end;
        return inside.endsWith(",") ? Repeat.UNBOUNDED : Repeat.OPTIONAL;
    }

    private InlayException refuse(String what) {
        return InlayException.data(
                "%s: the regular expression \"%s\" has %s at character %d; its matching time could explode",
                file, pattern, what, at);
    }
}
