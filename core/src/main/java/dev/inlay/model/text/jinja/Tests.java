package dev.inlay.model.text.jinja;

import java.util.List;
import java.util.Map;

/** The tests of expressions: {@code value is name(arguments)}. */
final class Tests {
    /** A test with its value and arguments. */
    @FunctionalInterface
    interface Test {
        boolean holds(Object value, Arguments arguments, Budget budget);
    }

    private static final Test EQUAL = (v, a, b) -> Values.equal(v, a.require(0, "other"), b);
    private static final Test LESS = (v, a, b) -> Values.compare(v, a.require(0, "other")) < 0;
    private static final Test GREATER = (v, a, b) -> Values.compare(v, a.require(0, "other")) > 0;

    private static final Map<String, Test> ALL = Map.ofEntries(
            Map.entry("defined", (v, a, b) -> v != Constant.UNDEFINED),
            Map.entry("undefined", (v, a, b) -> v == Constant.UNDEFINED),
            Map.entry("none", (v, a, b) -> v == Constant.NONE),
            Map.entry("string", (v, a, b) -> v instanceof String),
            Map.entry("number", (v, a, b) -> Values.isNumber(v)),
            Map.entry("integer", (v, a, b) -> v instanceof Long),
            Map.entry("float", (v, a, b) -> v instanceof Double),
            Map.entry("boolean", (v, a, b) -> v instanceof Boolean),
            Map.entry("true", (v, a, b) -> Boolean.TRUE.equals(v)),
            Map.entry("false", (v, a, b) -> Boolean.FALSE.equals(v)),
            Map.entry("mapping", (v, a, b) -> v instanceof Map),
            Map.entry("sequence", (v, a, b) -> isIterable(v)),
            Map.entry("iterable", (v, a, b) -> isIterable(v)),
            Map.entry("callable", (v, a, b) -> v instanceof Callable),
            Map.entry("odd", (v, a, b) -> remainder(v, 2) == 1),
            Map.entry("even", (v, a, b) -> remainder(v, 2) == 0),
            Map.entry("divisibleby", (v, a, b) -> remainder(v, a.integer(0, "num", 1)) == 0),
            Map.entry("eq", EQUAL),
            Map.entry("equalto", EQUAL),
            Map.entry("==", EQUAL),
            Map.entry("ne", (v, a, b) -> !EQUAL.holds(v, a, b)),
            Map.entry("!=", (v, a, b) -> !EQUAL.holds(v, a, b)),
            Map.entry("lt", LESS),
            Map.entry("lessthan", LESS),
            Map.entry("<", LESS),
            Map.entry("gt", GREATER),
            Map.entry("greaterthan", GREATER),
            Map.entry(">", GREATER),
            Map.entry("ge", (v, a, b) -> !LESS.holds(v, a, b)),
            Map.entry(">=", (v, a, b) -> !LESS.holds(v, a, b)),
            Map.entry("le", (v, a, b) -> !GREATER.holds(v, a, b)),
            Map.entry("<=", (v, a, b) -> !GREATER.holds(v, a, b)),
            Map.entry("in", (v, a, b) -> Values.contains(a.require(0, "seq"), v, b)),
            Map.entry("sameas", (v, a, b) -> isSame(v, a.require(0, "other"))),
            Map.entry("lower", (v, a, b) -> Texts.isLower(Values.text(v))),
            Map.entry("upper", (v, a, b) -> Texts.isUpper(Values.text(v))));

    private Tests() {}

    static Test named(String name, int line) {
        Test test = ALL.get(name);
        if (test == null) {
            throw new TemplateException("the test '" + name + "' is not supported", line);
        }
        return test;
    }

    private static long remainder(Object value, int divisor) {
        if (!Values.isNumber(value) || value instanceof Double || divisor == 0) {
            throw new TemplateException("expected an integer and a divisor other than 0, got " + Values.type(value));
        }
        return Math.floorMod(Values.asLong(value), (long) divisor);
    }

    private static boolean isIterable(Object value) {
        boolean lazy = value instanceof Lazy || value == Constant.UNDEFINED;
        return lazy || value instanceof List || value instanceof Map || value instanceof String;
    }

    /** Python's {@code is}: one object; of equal values only truth values are one. */
    @SuppressWarnings("ReferenceEquality") // identity is what the test asks for
    private static boolean isSame(Object value, Object other) {
        return value == other || (value instanceof Boolean && value.equals(other));
    }
}
