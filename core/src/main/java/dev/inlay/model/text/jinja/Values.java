package dev.inlay.model.text.jinja;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Python's rules for the values of templates: {@code String}, {@code Long}, {@code Double}, {@code Boolean}, {@code List},
 * {@code Map}, {@link Constant}, {@link Namespace}, {@link Callable}.
 */
final class Values {
    /** The longest printed form of a list or dictionary. */
    static final int LONGEST = 20_000_000;

    private Values() {}

    static boolean truth(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        } else if (value instanceof Long whole) {
            return whole != 0;
        } else if (value instanceof Double real) {
            return real != 0;
        } else if (value instanceof String textValue) {
            return !textValue.isEmpty();
        } else if (value instanceof List<?> listValue) {
            return !listValue.isEmpty();
        } else if (value instanceof Map<?, ?> map) {
            return !map.isEmpty();
        }
        return !(value instanceof Constant);
    }

    /** Python's name of the type, for errors. */
    static String type(Object value) {
        if (value instanceof Constant) {
            return value == Constant.NONE ? "none" : "an undefined value";
        } else if (value instanceof String) {
            return "text";
        } else if (value instanceof Boolean) {
            return "a boolean";
        } else if (value instanceof Number) {
            return "a number";
        } else if (value instanceof List) {
            return "a list";
        } else if (value instanceof Map) {
            return "a dictionary";
        } else if (value instanceof Lazy) {
            return "a sequence that is not a list yet (use | list)";
        }
        return "a function or namespace";
    }

    /** Python's {@code str}. */
    static String text(Object value) {
        if (value instanceof String textValue) {
            return textValue;
        }
        return value == Constant.UNDEFINED ? "" : representation(value);
    }

    /** Python's {@code repr}. */
    static String representation(Object value) {
        StringBuilder text = new StringBuilder();
        represent(value, text, 0);
        return text.toString();
    }

    private static void represent(Object value, StringBuilder text, int depth) {
        if (depth > 64 || text.length() > LONGEST) {
            throw new TemplateException("a value too deep or too long to print");
        }
        if (value instanceof String textValue) {
            quote(textValue, text);
        } else if (value instanceof Boolean flag) {
            text.append(flag ? "True" : "False");
        } else if (value instanceof Long) {
            text.append(value);
        } else if (value instanceof Double real) {
            text.append(number(real));
        } else if (value instanceof List<?> list) {
            representList(list, text, depth);
        } else if (value instanceof Map<?, ?> map) {
            representMap(map, text, depth);
        } else if (value instanceof Constant) {
            text.append(value == Constant.NONE ? "None" : "Undefined");
        } else {
            throw new TemplateException("cannot print " + type(value));
        }
    }

    private static void representList(List<?> list, StringBuilder text, int depth) {
        boolean tuple = list instanceof Tuple;
        text.append(tuple ? '(' : '[');
        for (int i = 0; i < list.size(); i++) {
            text.append(i == 0 ? "" : ", ");
            represent(list.get(i), text, depth + 1);
        }
        text.append(tuple && list.size() == 1 ? "," : "").append(tuple ? ')' : ']');
    }

    private static void representMap(Map<?, ?> map, StringBuilder text, int depth) {
        text.append('{');
        String separator = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            text.append(separator);
            represent(entry.getKey(), text, depth + 1);
            text.append(": ");
            represent(entry.getValue(), text, depth + 1);
            separator = ", ";
        }
        text.append('}');
    }

    private static void quote(String value, StringBuilder text) {
        char quote = value.indexOf('\'') >= 0 && value.indexOf('"') < 0 ? '"' : '\'';
        text.append(quote);
        value.codePoints().forEach(c -> {
            int simple = "\n\r\t\\".indexOf(c);
            if (simple >= 0) {
                text.append('\\').append("nrt\\".charAt(simple));
            } else if (c == quote) {
                text.append('\\').append(quote);
            } else if (c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAD) {
                text.append(String.format(Locale.ROOT, "\\x%02x", c));
            } else {
                text.appendCodePoint(c);
            }
        });
        text.append(quote);
    }

    /** Python's shortest form of a float. */
    static String number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }
        double size = Math.abs(value);
        if (size != 0 && (size < 1e-4 || size >= 1e16)) {
            String java = Double.toString(value).replace(".0E", "E");
            int mark = java.indexOf('E');
            int exponent = Integer.parseInt(java.substring(mark + 1));
            return java.substring(0, mark) + "e" + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "")
                    + Math.abs(exponent);
        }
        String plain = new BigDecimal(Double.toString(value)).toPlainString();
        return plain.contains(".") ? plain : plain + ".0";
    }

    static boolean equal(Object left, Object right, Budget budget) {
        budget.step();
        if (isNumber(left) && isNumber(right)) {
            return (left instanceof Double || right instanceof Double)
                    ? asDouble(left) == asDouble(right)
                    : asLong(left) == asLong(right);
        }
        if (left instanceof List<?> a && right instanceof List<?> b) {
            return equalLists(a, b, budget);
        }
        if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
            return a.keySet().equals(b.keySet())
                    && a.entrySet().stream().allMatch(e -> equal(e.getValue(), Access.item(b, e.getKey()), budget));
        }
        return !(left instanceof List) && !(left instanceof Map) && left.equals(right);
    }

    private static boolean equalLists(List<?> left, List<?> right, Budget budget) {
        boolean same = left.size() == right.size() && (left instanceof Tuple) == (right instanceof Tuple);
        for (int i = 0; same && i < left.size(); i++) {
            same = equal(left.get(i), right.get(i), budget);
        }
        return same;
    }

    /** Numbers with numbers, texts with texts. */
    static int compare(Object left, Object right) {
        if (left instanceof Double || right instanceof Double) {
            if (isNumber(left) && isNumber(right)) {
                return Double.compare(asDouble(left), asDouble(right));
            }
        } else if (isNumber(left) && isNumber(right)) {
            return Long.compare(asLong(left), asLong(right));
        } else if (left instanceof String text && right instanceof String textValue) {
            return text.compareTo(textValue);
        }
        throw new TemplateException("cannot compare " + type(left) + " with " + type(right));
    }

    static boolean contains(Object whole, Object part, Budget budget) {
        if (whole instanceof String text && part instanceof String textValue) {
            return Texts.find(text, textValue, budget) >= 0;
        } else if (whole instanceof Map<?, ?> map) {
            return map.containsKey(part);
        } else if (whole instanceof List<?> list) {
            return list.stream().anyMatch(item -> equal(item, part, budget));
        } else if (whole == Constant.UNDEFINED) {
            return false;
        }
        throw new TemplateException("cannot look for " + type(part) + " in " + type(whole));
    }

    /** The items of a list, the keys of a dictionary, the characters of a text. */
    static List<Object> items(Object value, Budget budget) {
        List<Object> items = new ArrayList<>();
        if (value instanceof List<?> listValue) {
            budget.hold(listValue.size());
            items.addAll(listValue);
        } else if (value instanceof Map<?, ?> map) {
            budget.hold(map.size());
            items.addAll(map.keySet());
        } else if (value instanceof String textValue) {
            budget.hold(textValue.length());
            textValue.codePoints().forEach(c -> items.add(Character.toString(c)));
        } else if (value instanceof Lazy lazy) {
            budget.hold(lazy.items().size());
            items.addAll(lazy.items());
        } else if (value != Constant.UNDEFINED) {
            throw new TemplateException("cannot go through " + type(value));
        }
        return items;
    }

    static long length(Object value) {
        if (value instanceof String text) {
            return text.codePointCount(0, text.length());
        } else if (value instanceof List<?> list) {
            return list.size();
        } else if (value instanceof Map<?, ?> map) {
            return map.size();
        } else if (value == Constant.UNDEFINED) {
            return 0;
        }
        throw new TemplateException(type(value) + " has no length");
    }

    static boolean isNumber(Object value) {
        return value instanceof Number || value instanceof Boolean;
    }

    static double asDouble(Object number) {
        return number instanceof Boolean flag ? (flag ? 1.0 : 0.0) : ((Number) number).doubleValue();
    }

    static long asLong(Object number) {
        return number instanceof Boolean flag ? (flag ? 1 : 0) : ((Number) number).longValue();
    }
}
