package dev.inlay.model.text.jinja;

import java.util.ArrayList;
import java.util.List;

/** The operators of expressions, with Python's meaning; mixed types are errors, never conversions. */
final class Arithmetic {
    private Arithmetic() {}

    static Object apply(String operator, Object left, Object right, Budget budget) {
        if (operator.equals("~")) {
            return concatenated(Values.text(left), Values.text(right), budget);
        }
        if (operator.equals("+") && left instanceof String a && right instanceof String b) {
            return concatenated(a, b, budget);
        }
        if (operator.equals("+") && left instanceof List<?> a && right instanceof List<?> b) {
            return joined(a, b, budget);
        }
        if (operator.equals("*") && right instanceof Long times && (left instanceof String || left instanceof List)) {
            return repeated(left, times, budget);
        }
        if (operator.equals("%") && left instanceof String format) {
            return Formats.percent(format, right instanceof Tuple tuple ? tuple : List.of(right), budget);
        }
        if (!Values.isNumber(left) || !Values.isNumber(right)) {
            throw new TemplateException(
                    "cannot apply " + operator + " to " + Values.type(left) + " and " + Values.type(right));
        }
        return (left instanceof Double || right instanceof Double || operator.equals("/"))
                ? real(operator, Values.asDouble(left), Values.asDouble(right))
                : whole(operator, Values.asLong(left), Values.asLong(right));
    }

    private static String concatenated(String left, String right, Budget budget) {
        budget.produce((long) left.length() + right.length());
        return left + right;
    }

    private static Object joined(List<?> left, List<?> right, Budget budget) {
        budget.hold((long) left.size() + right.size());
        List<Object> all = new ArrayList<>(left);
        all.addAll(right);
        return left instanceof Tuple ? new Tuple(all) : all;
    }

    private static Object repeated(Object value, long times, Budget budget) {
        int count = (int) Math.max(0, Math.min(times, Integer.MAX_VALUE));
        long size = value instanceof String text ? text.length() : Values.length(value);
        if (value instanceof String text) {
            budget.produce(size * count);
            return size == 0 ? "" : text.repeat(count);
        }
        budget.hold(size * count);
        List<Object> all = new ArrayList<>();
        for (int i = 0; size > 0 && i < count; i++) {
            all.addAll((List<?>) value);
        }
        return all;
    }

    private static Object real(String operator, double a, double b) {
        if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw new TemplateException("division by zero");
        }
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> Math.floor(a / b);
            case "%" -> a - b * Math.floor(a / b);
            default -> Math.pow(a, b);
        };
    }

    private static Object whole(String operator, long a, long b) {
        if (b == 0 && (operator.equals("//") || operator.equals("%"))) {
            throw new TemplateException("division by zero");
        }
        try {
            return switch (operator) {
                case "+" -> Math.addExact(a, b);
                case "-" -> Math.subtractExact(a, b);
                case "*" -> Math.multiplyExact(a, b);
                case "//" -> Math.floorDiv(a, b);
                case "%" -> Math.floorMod(a, b);
                default -> power(a, b);
            };
        } catch (ArithmeticException e) {
            throw new TemplateException("an integer beyond 64 bits");
        }
    }

    private static Object power(long base, long exponent) {
        if (exponent < 0) {
            return Math.pow((double) base, (double) exponent);
        }
        if (exponent > 64 && Math.abs(base) > 1) {
            throw new ArithmeticException();
        }
        long result = 1;
        for (long i = Math.abs(base) > 1 ? exponent : Math.min(exponent, 2 - exponent % 2); i > 0; i--) {
            result = Math.multiplyExact(result, base);
        }
        return result;
    }
}
