package dev.inlay.model.text.jinja;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Python's text formats: JSON, {@code %s}, {@code strftime}. */
final class Formats {
    private Formats() {}

    /** {@code json.dumps} without ASCII escapes; a negative indent writes one line. */
    static String json(Object value, int indent, boolean sorted) {
        StringBuilder text = new StringBuilder();
        json(value, indent, sorted, 0, text);
        return text.toString();
    }

    private static void json(Object value, int indent, boolean sorted, int depth, StringBuilder text) {
        if (depth > 64 || text.length() > Values.LONGEST) {
            throw new TemplateException("a value too deep or too long for JSON");
        }
        if (value instanceof String textValue) {
            jsonText(textValue, text);
        } else if (value instanceof List<?> list) {
            text.append('[');
            String separator = "";
            for (Object item : list) {
                newLine(text.append(separator), indent, depth + 1, separator.isEmpty());
                json(item, indent, sorted, depth + 1, text);
                separator = ",";
            }
            closeLine(text, indent, depth, separator.isEmpty());
            text.append(']');
        } else if (value instanceof Map<?, ?> mapValue) {
            text.append('{');
            String separator = "";
            Map<?, ?> map = sorted ? new TreeMap<>(mapValue) : mapValue;
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                newLine(text.append(separator), indent, depth + 1, separator.isEmpty());
                jsonText(Values.text(entry.getKey()), text);
                text.append(": ");
                json(entry.getValue(), indent, sorted, depth + 1, text);
                separator = ",";
            }
            closeLine(text, indent, depth, separator.isEmpty());
            text.append('}');
        } else if (value instanceof Boolean || value == Constant.NONE) {
            text.append(value == Constant.NONE ? "null" : value.toString());
        } else if (Values.isNumber(value)) {
            text.append(Values.representation(value));
        } else {
            throw new TemplateException("cannot write " + Values.type(value) + " as JSON");
        }
    }

    private static void newLine(StringBuilder text, int indent, int depth, boolean first) {
        if (indent >= 0) {
            text.append('\n').append(" ".repeat(indent * depth));
        } else if (!first) {
            text.append(' ');
        }
    }

    private static void closeLine(StringBuilder text, int indent, int depth, boolean empty) {
        if (indent >= 0 && !empty) {
            text.append('\n').append(" ".repeat(indent * depth));
        }
    }

    private static void jsonText(String value, StringBuilder text) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            int simple = "\"\\\n\r\t\b\f".indexOf(c);
            if (simple >= 0) {
                text.append('\\').append("\"\\nrtbf".charAt(simple));
            } else if (c < 0x20) {
                text.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }

    /** {@code '%s %d' % values}: only s, d and %%. */
    static String percent(String format, List<?> values, Budget budget) {
        StringBuilder text = new StringBuilder();
        int used = 0;
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            char kind = c == '%' && i + 1 < format.length() ? format.charAt(++i) : ' ';
            if (c != '%') {
                text.append(c);
            } else if (kind == '%') {
                text.append(c);
            } else if ((kind == 's' || kind == 'd') && used < values.size()) {
                Object value = values.get(used++);
                if (kind == 'd' && !(value instanceof Long)) {
                    throw new TemplateException("the place for an integer got " + Values.type(value));
                }
                String shown = Values.text(value);
                budget.produce(shown.length());
                text.append(shown);
            } else {
                throw new TemplateException("the format %" + kind + " is not supported or has no value");
            }
        }
        if (used < values.size()) {
            throw new TemplateException("more values than places in the format");
        }
        budget.produce(format.length());
        return text.toString();
    }

    /** {@code strftime}: days, months and times in English. */
    static String time(String format, ZonedDateTime time) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%') {
                text.append(c);
                continue;
            }
            boolean bare = format.startsWith("-", i + 1);
            i += bare ? 2 : 1;
            String field = i < format.length() ? field(format.charAt(i), time) : "";
            text.append(bare && field.startsWith("0") && field.length() > 1 ? field.substring(1) : field);
        }
        return text.toString();
    }

    private static String field(char kind, ZonedDateTime time) {
        return switch (kind) {
            case 'd' -> pattern("dd", time);
            case 'm' -> pattern("MM", time);
            case 'Y' -> pattern("uuuu", time);
            case 'y' -> pattern("uu", time);
            case 'H' -> pattern("HH", time);
            case 'I' -> pattern("hh", time);
            case 'M' -> pattern("mm", time);
            case 'S' -> pattern("ss", time);
            case 'j' -> pattern("DDD", time);
            case 'p' -> time.getHour() < 12 ? "AM" : "PM";
            case 'B' -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'b' ->
                time.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH).substring(0, 3);
            case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH);
            case 'a' ->
                time.getDayOfWeek()
                        .getDisplayName(TextStyle.FULL, Locale.ENGLISH)
                        .substring(0, 3);
            case '%' -> "%";
            default -> throw new TemplateException("the time format %" + kind + " is not supported");
        };
    }

    private static String pattern(String pattern, ZonedDateTime time) {
        return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(time);
    }
}
