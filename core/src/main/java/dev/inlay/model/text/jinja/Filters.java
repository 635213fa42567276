package dev.inlay.model.text.jinja;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The filters of expressions: {@code value | name(arguments)}. */
final class Filters {
    /** A filter with its value and arguments. */
    @FunctionalInterface
    interface Filter {
        Object apply(Object value, Arguments arguments, Budget budget);
    }

    private static final Map<String, Filter> ALL = Map.ofEntries(
            Map.entry("trim", (v, a, b) -> Methods.strip(Values.text(v), a, true, true)),
            Map.entry("length", (v, a, b) -> Values.length(v)),
            Map.entry("count", (v, a, b) -> Values.length(v)),
            Map.entry("upper", (v, a, b) -> Values.text(v).toUpperCase(Locale.ROOT)),
            Map.entry("lower", (v, a, b) -> Values.text(v).toLowerCase(Locale.ROOT)),
            Map.entry("capitalize", (v, a, b) -> Texts.capitalized(Values.text(v))),
            Map.entry("title", (v, a, b) -> Texts.wordsCapitalized(Values.text(v))),
            Map.entry("replace", (v, a, b) -> Texts.replaced(Values.text(v), a, b)),
            Map.entry("indent", (v, a, b) -> Texts.indented(Values.text(v), a, b)),
            Map.entry("format", (v, a, b) -> Formats.percent(Values.text(v), a.positional(), b)),
            Map.entry("string", (v, a, b) -> Values.text(v)),
            Map.entry("safe", (v, a, b) -> v),
            Map.entry("int", (v, a, b) -> toInteger(v, a)),
            Map.entry("float", (v, a, b) -> toFloat(v, a)),
            Map.entry("abs", (v, a, b) -> absolute(v)),
            Map.entry("default", (v, a, b) -> otherwise(v, a)),
            Map.entry("d", (v, a, b) -> otherwise(v, a)),
            Map.entry("join", Filters::join),
            Map.entry("first", (v, a, b) -> end(Values.items(v, b), true)),
            Map.entry("last", (v, a, b) -> end(Values.items(v, b), false)),
            Map.entry("list", (v, a, b) -> Values.items(v, b)),
            Map.entry("items", (v, a, b) -> pairs(v, b)),
            Map.entry("reverse", Filters::reverse),
            Map.entry("sort", Filters::sort),
            Map.entry("unique", (v, a, b) -> new Lazy(unique(Values.items(v, b), b))),
            Map.entry("sum", Filters::sum),
            Map.entry("min", (v, a, b) -> extreme(Values.items(v, b), -1)),
            Map.entry("max", (v, a, b) -> extreme(Values.items(v, b), 1)),
            Map.entry("map", Filters::map),
            Map.entry("select", (v, a, b) -> select(v, a, b, false, true)),
            Map.entry("reject", (v, a, b) -> select(v, a, b, false, false)),
            Map.entry("selectattr", (v, a, b) -> select(v, a, b, true, true)),
            Map.entry("rejectattr", (v, a, b) -> select(v, a, b, true, false)),
            Map.entry("tojson", Filters::json));

    private Filters() {}

    static Filter named(String name, int line) {
        Filter filter = ALL.get(name);
        if (filter == null) {
            throw new TemplateException("the filter '" + name + "' is not supported", line);
        }
        return filter;
    }

    private static Object pairs(Object value, Budget budget) {
        if (value != Constant.UNDEFINED && !(value instanceof Map)) {
            throw new TemplateException("items needs a dictionary, got " + Values.type(value));
        }
        return new Lazy(value instanceof Map<?, ?> map ? Methods.pairs(map, budget) : List.of());
    }

    private static void requireDefined(Object value) {
        if (value == Constant.UNDEFINED) {
            throw new TemplateException("the value is undefined");
        }
    }

    private static Object otherwise(Object value, Arguments arguments) {
        boolean missing = value == Constant.UNDEFINED || (arguments.truth(1, "boolean") && !Values.truth(value));
        return missing ? arguments.get(0, "default_value", "") : value;
    }

    private static Object toInteger(Object value, Arguments arguments) {
        requireDefined(value);
        try {
            return Values.isNumber(value)
                    ? (Object) Values.asLong(value)
                    : (Object) Long.parseLong(Values.text(value).strip());
        } catch (NumberFormatException e) {
            return arguments.get(0, "default", 0L);
        }
    }

    private static Object toFloat(Object value, Arguments arguments) {
        requireDefined(value);
        try {
            return Values.isNumber(value)
                    ? (Object) Values.asDouble(value)
                    : (Object) Double.parseDouble(Values.text(value).strip());
        } catch (NumberFormatException e) {
            return arguments.get(0, "default", 0.0);
        }
    }

    private static Object absolute(Object value) {
        if (!Values.isNumber(value)) {
            throw new TemplateException("abs needs a number, got " + Values.type(value));
        }
        return value instanceof Double real ? (Object) Math.abs(real) : (Object) Math.abs(Values.asLong(value));
    }

    private static Object join(Object value, Arguments arguments, Budget budget) {
        arguments.only("d", "attribute");
        List<Object> items = Values.items(value, budget);
        Object attribute = arguments.get(1, "attribute", Constant.NONE);
        if (attribute != Constant.NONE) {
            items.replaceAll(item -> Access.item(item, attribute));
        }
        return Texts.joined(items, arguments.text(0, "d", ""), budget);
    }

    private static Object end(List<Object> items, boolean first) {
        return items.isEmpty() ? Constant.UNDEFINED : items.get(first ? 0 : items.size() - 1);
    }

    private static Object reverse(Object value, Arguments arguments, Budget budget) {
        if (value instanceof String text) {
            budget.produce(text.length());
            return new StringBuilder(text).reverse().toString();
        }
        List<Object> items = Values.items(value, budget);
        Collections.reverse(items);
        return new Lazy(items);
    }

    private static Object sort(Object value, Arguments arguments, Budget budget) {
        arguments.only("reverse", "case_sensitive", "attribute");
        boolean exact = arguments.truth(1, "case_sensitive");
        Object attribute = arguments.get(2, "attribute", Constant.NONE);
        Comparator<Object> order = Comparator.comparing(
                item -> {
                    Object key = attribute == Constant.NONE ? item : Access.item(item, attribute);
                    return !exact && key instanceof String text ? text.toLowerCase(Locale.ROOT) : key;
                },
                (left, right) -> {
                    budget.step();
                    return Values.compare(left, right);
                });
        List<Object> items = Values.items(value, budget);
        items.sort(arguments.truth(0, "reverse") ? order.reversed() : order);
        return items;
    }

    private static List<Object> unique(List<Object> items, Budget budget) {
        List<Object> seen = new ArrayList<>();
        for (Object item : items) {
            if (!Values.contains(seen, item, budget)) {
                seen.add(item);
            }
        }
        return seen;
    }

    private static Object sum(Object value, Arguments arguments, Budget budget) {
        Object sum = 0L;
        Object attribute = arguments.get(0, "attribute", Constant.NONE);
        for (Object item : Values.items(value, budget)) {
            sum = Arithmetic.apply("+", sum, attribute == Constant.NONE ? item : Access.item(item, attribute), budget);
        }
        return sum;
    }

    private static Object extreme(List<Object> items, int sign) {
        Object best = Constant.UNDEFINED;
        for (Object item : items) {
            if (best == Constant.UNDEFINED || sign * Values.compare(item, best) > 0) {
                best = item;
            }
        }
        return best;
    }

    private static Object map(Object value, Arguments arguments, Budget budget) {
        List<Object> items = Values.items(value, budget);
        Object attribute = arguments.named().getOrDefault("attribute", Constant.NONE);
        if (attribute != Constant.NONE) {
            Object otherwise = arguments.named().getOrDefault("default", Constant.UNDEFINED);
            items.replaceAll(item -> {
                Object found = Access.item(item, attribute);
                return found == Constant.UNDEFINED ? otherwise : found;
            });
            return new Lazy(items);
        }
        Filter filter = named(arguments.text(0, "filter", ""), 0);
        Arguments rest = rest(arguments, 1);
        items.replaceAll(item -> filter.apply(item, rest, budget));
        return new Lazy(items);
    }

    private static Object select(Object value, Arguments arguments, Budget budget, boolean attribute, boolean wanted) {
        int used = attribute ? 1 : 0;
        Object key = attribute ? arguments.require(0, "attribute") : Constant.NONE;
        boolean tested = arguments.positional().size() > used;
        Tests.Test test = tested ? Tests.named(arguments.text(used, "test", ""), 0) : (v, a, b) -> Values.truth(v);
        Arguments rest = rest(arguments, used + 1);
        List<Object> kept = new ArrayList<>();
        for (Object item : Values.items(value, budget)) {
            budget.step();
            if (test.holds(attribute ? Access.item(item, key) : item, rest, budget) == wanted) {
                kept.add(item);
            }
        }
        return new Lazy(kept);
    }

    private static Arguments rest(Arguments arguments, int used) {
        int count = arguments.positional().size();
        return new Arguments(arguments.positional().subList(Math.min(used, count), count), arguments.named());
    }

    private static Object json(Object value, Arguments arguments, Budget budget) {
        arguments.only("ensure_ascii", "indent", "separators", "sort_keys");
        if (arguments.truth(0, "ensure_ascii") || arguments.truth(2, "separators")) {
            throw new TemplateException("tojson supports the arguments indent and sort_keys only");
        }
        boolean line = arguments.get(1, "indent", Constant.NONE) == Constant.NONE;
        int indent = line ? -1 : Math.max(0, Math.min(16, arguments.integer(1, "indent", 0)));
        String json = Formats.json(value, indent, arguments.truth(3, "sort_keys"));
        budget.produce(json.length());
        return json;
    }
}
