package dev.inlay.model.text.jinja;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that every template may call. */
final class Functions {
    private static final long LONGEST_RANGE = 100_000;

    private Functions() {}

    static Map<String, Object> all(Clock clock) {
        Map<String, Object> functions = new HashMap<>();
        functions.put("raise_exception", (Callable) (a, b) -> {
            throw new TemplateException(Values.text(a.get(0, "message", "")));
        });
        functions.put(
                "strftime_now", (Callable) (a, b) -> Formats.time(a.text(0, "format", ""), ZonedDateTime.now(clock)));
        functions.put("namespace", (Callable) (a, b) -> new Namespace(entries(a)));
        functions.put("dict", (Callable) (a, b) -> entries(a));
        functions.put("range", (Callable) (a, b) -> range(a, b));
        return functions;
    }

    private static Map<String, Object> entries(Arguments arguments) {
        Map<String, Object> entries = new LinkedHashMap<>();
        for (Object start : arguments.positional()) {
            if (!(start instanceof Map<?, ?> map)) {
                throw new TemplateException("expected names with values");
            }
            map.forEach((key, value) -> entries.put(Values.text(key), value));
        }
        entries.putAll(arguments.named());
        return entries;
    }

    private static Object range(Arguments arguments, Budget budget) {
        int count = arguments.positional().size();
        long from = count > 1 ? arguments.integer(0, "start", 0) : 0;
        long to = arguments.integer(count > 1 ? 1 : 0, "stop", 0);
        long step = arguments.integer(2, "step", 1);
        if (step == 0 || (to - from) / step > LONGEST_RANGE) {
            throw new TemplateException("a range with step 0 or of more than " + LONGEST_RANGE + " numbers");
        }
        List<Object> range = new ArrayList<>();
        for (long i = from; step > 0 ? i < to : i > to; i += step) {
            range.add(i);
        }
        budget.hold(range.size());
        return new Lazy(range);
    }
}
