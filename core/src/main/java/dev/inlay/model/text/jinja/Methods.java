package dev.inlay.model.text.jinja;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** The methods of texts, dictionaries and lists that do not change them. */
final class Methods {
    private Methods() {}

    static Object find(Object value, String name) {
        if (value instanceof String textValue) {
            return ofText(textValue, name);
        } else if (value instanceof Map<?, ?> map) {
            return ofMap(map, name);
        } else if (value instanceof List<?> list) {
            return ofList(list, name);
        }
        return Constant.UNDEFINED;
    }

    private static Object method(Callable method) {
        return method;
    }

    private static Object ofText(String text, String name) {
        return switch (name) {
            case "strip" -> method((a, b) -> strip(text, a, true, true));
            case "lstrip" -> method((a, b) -> strip(text, a, true, false));
            case "rstrip" -> method((a, b) -> strip(text, a, false, true));
            case "split" -> method((a, b) -> Texts.split(text, a, b));
            case "rsplit" -> method((a, b) -> Texts.splitFromEnd(text, a, b));
            case "splitlines" -> method((a, b) -> Texts.lines(text, b));
            case "startswith" -> method((a, b) -> anyOf(a, text::startsWith));
            case "endswith" -> method((a, b) -> anyOf(a, text::endsWith));
            case "upper" -> method((a, b) -> text.toUpperCase(Locale.ROOT));
            case "lower" -> method((a, b) -> text.toLowerCase(Locale.ROOT));
            case "capitalize" -> method((a, b) -> Texts.capitalized(text));
            case "title" -> method((a, b) -> Texts.titled(text));
            case "replace" -> method((a, b) -> Texts.replaced(text, a, b));
            case "find" -> method((a, b) -> place(text, Texts.find(text, a.text(0, "sub", ""), b)));
            case "rfind" -> method((a, b) -> place(text, Texts.findLast(text, a.text(0, "sub", ""), b)));
            case "count" -> method((a, b) -> Texts.count(text, a.text(0, "sub", ""), b));
            case "join" -> method((a, b) -> Texts.joined(Values.items(a.require(0, "iterable"), b), text, b));
            case "removeprefix" ->
                method((a, b) -> {
                    String part = a.text(0, "prefix", "");
                    return text.startsWith(part) ? text.substring(part.length()) : text;
                });
            case "removesuffix" ->
                method((a, b) -> {
                    String part = a.text(0, "suffix", "");
                    return text.endsWith(part) ? text.substring(0, text.length() - part.length()) : text;
                });
            case "isdigit", "isnumeric", "isdecimal" -> method((a, b) -> all(text, Character::isDigit));
            case "isalpha" -> method((a, b) -> all(text, Character::isLetter));
            case "isalnum" -> method((a, b) -> all(text, Character::isLetterOrDigit));
            case "isspace" -> method((a, b) -> all(text, Texts::isSpace));
            case "isupper" -> method((a, b) -> Texts.isUpper(text));
            case "islower" -> method((a, b) -> Texts.isLower(text));
            default -> Constant.UNDEFINED;
        };
    }

    private static Object ofMap(Map<?, ?> map, String name) {
        return switch (name) {
            case "get" ->
                method((a, b) -> {
                    Object found = map.get(a.require(0, "key"));
                    return found == null ? a.get(1, "default", Constant.NONE) : found;
                });
            case "items" -> method((a, b) -> pairs(map, b));
            case "keys" -> method((a, b) -> Values.items(map, b));
            case "values" -> method((a, b) -> Values.items(new ArrayList<Object>(map.values()), b));
            default -> Constant.UNDEFINED;
        };
    }

    private static Object ofList(List<?> list, String name) {
        return switch (name) {
            case "index" ->
                method((a, b) -> {
                    for (int i = 0; i < list.size(); i++) {
                        if (Values.equal(list.get(i), a.require(0, "value"), b)) {
                            return (long) i;
                        }
                    }
                    throw new TemplateException("the value is not in the list");
                });
            case "count" ->
                method((a, b) -> list.stream()
                        .filter(item -> Values.equal(item, a.require(0, "value"), b))
                        .count());
            default -> Constant.UNDEFINED;
        };
    }

    static List<Object> pairs(Map<?, ?> map, Budget budget) {
        budget.hold(map.size());
        List<Object> pairs = new ArrayList<>();
        map.forEach((key, value) -> pairs.add(new Tuple(List.of(key, value))));
        return pairs;
    }

    private static BitSet setOf(String chars) {
        BitSet set = new BitSet();
        chars.codePoints().forEach(set::set);
        return set;
    }

    static String strip(String text, Arguments arguments, boolean left, boolean right) {
        Object set = arguments.get(0, "chars", Constant.NONE);
        if (!(set instanceof String) && set != Constant.NONE) {
            throw new TemplateException("strip needs text, got " + Values.type(set));
        }
        IntPredicate goes = set instanceof String chars ? setOf(chars)::get : Texts::isSpace;
        int begin = 0;
        int end = text.length();
        while (left && begin < end && goes.test(text.codePointAt(begin))) {
            begin += Character.charCount(text.codePointAt(begin));
        }
        while (right && end > begin && goes.test(text.codePointBefore(end))) {
            end -= Character.charCount(text.codePointBefore(end));
        }
        return text.substring(begin, end);
    }

    private static boolean anyOf(Arguments arguments, Predicate<String> test) {
        Object parts = arguments.require(0, "prefix");
        List<?> all = parts instanceof Tuple tuple ? tuple : List.of(parts);
        return all.stream().anyMatch(part -> test.test(new Arguments(List.of(part), Map.of()).text(0, "prefix", "")));
    }

    private static long place(String text, int index) {
        return index < 0 ? -1 : text.codePointCount(0, index);
    }

    private static boolean all(String text, IntPredicate test) {
        return !text.isEmpty() && text.codePoints().allMatch(test);
    }
}
