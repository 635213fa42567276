package dev.inlay.model.text.jinja;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code {% for names in items if filter %} body {% else %} otherwise {% endfor %}}; each turn has its own variables.
 *
 * <p>As in the original, the last part runs unless some turn came to its end: not only if there is nothing to go through.
 */
record Loop(List<String> names, Expression items, Expression filter, Statement body, Statement otherwise)
        implements Statement {
    @Override
    public Next run(Frame frame, Output output) {
        List<Object> kept = new ArrayList<>();
        for (Object item : Values.items(items.in(frame), frame.budget())) {
            Frame inner = frame.inner();
            bind(names, item, inner);
            if (Values.truth(filter.in(inner))) {
                kept.add(item);
            }
        }
        boolean finished = false;
        for (int i = 0; i < kept.size(); i++) {
            frame.budget().step();
            Frame inner = frame.inner();
            inner.set("loop", place(kept, i));
            bind(names, kept.get(i), inner);
            Next next = body.run(inner, output);
            finished |= next == Next.ON;
            if (next == Next.BREAK) {
                break;
            }
        }
        return finished ? Next.ON : otherwise.run(frame.inner(), output);
    }

    /** What {@code loop.index} and its like are. */
    private static Namespace place(List<Object> items, int i) {
        long length = items.size();
        Map<String, Object> loop = new HashMap<>();
        loop.put("index", i + 1L);
        loop.put("index0", (long) i);
        loop.put("revindex", length - i);
        loop.put("revindex0", length - i - 1);
        loop.put("first", i == 0);
        loop.put("last", i == length - 1);
        loop.put("length", length);
        loop.put("previtem", i == 0 ? Constant.UNDEFINED : items.get(i - 1));
        loop.put("nextitem", i == length - 1 ? Constant.UNDEFINED : items.get(i + 1));
        loop.put("cycle", (Callable) (arguments, budget) -> arguments
                .positional()
                .get(i % Math.max(1, arguments.positional().size())));
        return new Namespace(loop);
    }

    /** Gives one name the value, or several names its items. */
    static void bind(List<String> names, Object value, Frame frame) {
        if (names.size() == 1) {
            frame.set(names.get(0), value);
            return;
        }
        List<Object> parts = Values.items(value, frame.budget());
        if (parts.size() != names.size()) {
            throw new TemplateException("expected " + names.size() + " values for " + names + ", got " + parts.size());
        }
        for (int i = 0; i < names.size(); i++) {
            frame.set(names.get(i), parts.get(i));
        }
    }
}
