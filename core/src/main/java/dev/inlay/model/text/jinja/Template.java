package dev.inlay.model.text.jinja;

import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A template that was read once and renders often. Immutable and thread-safe. */
public final class Template {
    /** The longest template that is read, in UTF-16 units; the largest published ones have some 20,000. */
    public static final int LONGEST = 1_000_000;

    private final Statement body;
    private final Clock clock;

    private Template(Statement body, Clock clock) {
        this.body = body;
        this.clock = clock;
    }

    /**
     * Reads a template.
     *
     * @param clock what {@code strftime_now} reads
     * @throws TemplateException if it uses what is not supported, with the line
     */
    public static Template read(String source, Clock clock) {
        if (source.length() > LONGEST) {
            throw new TemplateException("longer than " + LONGEST + " characters", 1);
        }
        try {
            return new Template(new TemplateParser(source).template(), clock);
        } catch (StackOverflowError e) {
            throw tooDeep();
        }
    }

    /**
     * What a rendering wrote.
     *
     * @param text the text
     * @param generated the UTF-16 ranges {@code {start, end}} of generation blocks
     */
    public record Result(String text, List<int[]> generated) {}

    /**
     * Renders with variables: null (none), text, booleans, integers, floats, lists and maps of these.
     *
     * @throws TemplateException if the template fails or refuses its input
     */
    public Result render(Map<String, ? extends @Nullable Object> variables) {
        Map<String, Object> values = new HashMap<>(Functions.all(clock));
        variables.forEach((name, value) -> values.put(name, value(value)));
        Budget budget = new Budget();
        Output output = new Output(budget);
        try {
            body.run(new Frame(budget, values), output);
        } catch (StackOverflowError e) {
            throw tooDeep();
        }
        return new Result(output.toString(), List.copyOf(output.generated()));
    }

    /** Long chains of operators pass every count of nesting; nothing outlives a rendering, so its stack may overflow. */
    private static TemplateException tooDeep() {
        return new TemplateException("nested too deeply", 1);
    }

    private static Object value(@Nullable Object value) {
        if (value == null) {
            return Constant.NONE;
        } else if (value instanceof Integer small) {
            return small.longValue();
        } else if (value instanceof List<?> listValue) {
            List<Object> list = new ArrayList<>();
            listValue.forEach(item -> list.add(value(item)));
            return list;
        } else if (value instanceof Map<?, ?> mapValue) {
            Map<Object, Object> map = new LinkedHashMap<>();
            mapValue.forEach((key, item) -> map.put(value(key), value(item)));
            return map;
        } else if (value instanceof String
                || value instanceof Boolean
                || value instanceof Long
                || value instanceof Double) {
            return value;
        }
        throw new IllegalArgumentException("a template knows no " + value.getClass());
    }
}
