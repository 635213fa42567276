package dev.inlay.model.text.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Python's text operations. */
final class Texts {
    private Texts() {}

    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    /** Whether there are letters with cases, and all are small. */
    static boolean isLower(String text) {
        return text.equals(text.toLowerCase(Locale.ROOT)) && !text.equals(text.toUpperCase(Locale.ROOT));
    }

    /** Whether there are letters with cases, and all are capital. */
    static boolean isUpper(String text) {
        return text.equals(text.toUpperCase(Locale.ROOT)) && !text.equals(text.toLowerCase(Locale.ROOT));
    }

    /** {@code split(sep, maxsplit)}; without a separator runs of white space separate. */
    static List<Object> split(String text, Arguments arguments, Budget budget) {
        budget.produce(text.length());
        int most = arguments.integer(1, "maxsplit", -1);
        Object separator = arguments.get(0, "sep", Constant.NONE);
        List<Object> parts = new ArrayList<>();
        if (separator == Constant.NONE) {
            splitAtSpace(text, most, parts, budget);
            return parts;
        }
        String between = arguments.text(0, "sep", "");
        if (between.isEmpty()) {
            throw new TemplateException("split needs a separator that is not empty");
        }
        budget.search(text, between);
        int from = 0;
        for (int at = text.indexOf(between); at >= 0 && parts.size() != most; at = text.indexOf(between, from)) {
            budget.hold(1);
            parts.add(text.substring(from, at));
            from = at + between.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    private static void splitAtSpace(String text, int most, List<Object> parts, Budget budget) {
        int at = 0;
        while (true) {
            while (at < text.length() && isSpace(text.charAt(at))) {
                at++;
            }
            if (at == text.length()) {
                return;
            }
            if (parts.size() == most) {
                parts.add(Methods.strip(text.substring(at), Arguments.NONE, false, true));
                return;
            }
            budget.hold(1);
            int begin = at;
            while (at < text.length() && !isSpace(text.charAt(at))) {
                at++;
            }
            parts.add(text.substring(begin, at));
        }
    }

    static List<Object> splitFromEnd(String text, Arguments arguments, Budget budget) {
        budget.produce(text.length());
        String between = arguments.text(0, "sep", "");
        int most = arguments.integer(1, "maxsplit", -1);
        if (between.isEmpty()) {
            throw new TemplateException("rsplit needs a separator that is not empty");
        }
        budget.search(text, between);
        List<Object> parts = new ArrayList<>();
        int end = text.length();
        int at = text.lastIndexOf(between);
        while (at >= 0 && parts.size() != most) {
            budget.hold(1);
            parts.add(text.substring(at + between.length(), end));
            end = at;
            at = text.lastIndexOf(between, end - between.length());
        }
        parts.add(text.substring(0, end));
        Collections.reverse(parts);
        return parts;
    }

    static String capitalized(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = Character.charCount(text.codePointAt(0));
        return text.substring(0, first).toUpperCase(Locale.ROOT)
                + text.substring(first).toLowerCase(Locale.ROOT);
    }

    /** The {@code title} filter: words begin after white space, hyphens and opening brackets. */
    static String wordsCapitalized(String text) {
        StringBuilder result = new StringBuilder();
        boolean inside = false;
        for (int c : text.codePoints().toArray()) {
            String letter = Character.toString(c);
            result.append(inside ? letter.toLowerCase(Locale.ROOT) : letter.toUpperCase(Locale.ROOT));
            inside = !isSpace(c) && "-({[<".indexOf(c) < 0;
        }
        return result.toString();
    }

    /** The {@code title} method: words begin after whatever is not a letter. */
    static String titled(String text) {
        StringBuilder titled = new StringBuilder();
        boolean inside = false;
        for (int c : text.codePoints().toArray()) {
            String letter = Character.toString(c);
            titled.append(inside ? letter.toLowerCase(Locale.ROOT) : letter.toUpperCase(Locale.ROOT));
            inside = Character.isLetter(c);
        }
        return titled.toString();
    }

    static String replaced(String text, Arguments arguments, Budget budget) {
        String from = arguments.text(0, "old", "");
        String to = arguments.text(1, "new", "");
        int most = arguments.integer(2, "count", -1);
        if (from.isEmpty()) {
            throw new TemplateException("replace needs a text to look for that is not empty");
        }
        budget.search(text, from);
        StringBuilder result = new StringBuilder();
        int begin = 0;
        int done = 0;
        for (int at = text.indexOf(from); at >= 0 && done != most; at = text.indexOf(from, begin), done++) {
            budget.produce((long) to.length() + at - begin);
            result.append(text, begin, at).append(to);
            begin = at + from.length();
        }
        budget.produce(text.length() - begin);
        return result.append(text, begin, text.length()).toString();
    }

    /** The UTF-16 place of a part, or less than 0. */
    static int find(String text, String part, Budget budget) {
        budget.search(text, part);
        return text.indexOf(part);
    }

    /** The UTF-16 place of the last such part, or less than 0. */
    static int findLast(String text, String part, Budget budget) {
        budget.search(text, part);
        return text.lastIndexOf(part);
    }

    static List<Object> lines(String text, Budget budget) {
        budget.hold(text.lines().count());
        return new ArrayList<>(text.lines().toList());
    }

    static long count(String text, String part, Budget budget) {
        budget.search(text, part);
        if (part.isEmpty()) {
            return text.codePointCount(0, text.length()) + 1L;
        }
        long count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }

    static String joined(List<Object> items, String between, Budget budget) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < items.size(); i++) {
            String item = Values.text(items.get(i));
            budget.produce((long) item.length() + between.length());
            text.append(i == 0 ? "" : between).append(item);
        }
        return text.toString();
    }

    private static String spaces(int count, Budget budget) {
        budget.produce(count);
        return " ".repeat(Math.max(0, count));
    }

    /** The {@code indent} filter: every line but the first; blank lines only if asked. */
    static String indented(String text, Arguments arguments, Budget budget) {
        Object width = arguments.get(0, "width", 4L);
        String margin =
                width instanceof String textValue ? textValue : spaces(arguments.integer(0, "width", 4), budget);
        boolean first = arguments.truth(1, "first");
        boolean blank = arguments.truth(2, "blank");
        StringBuilder result = new StringBuilder();
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            budget.produce((long) margin.length() + lines[i].length());
            boolean moves = i == 0 ? first : blank || !lines[i].isEmpty();
            result.append(i == 0 ? "" : "\n").append(moves ? margin : "").append(lines[i]);
        }
        return result.toString();
    }
}
