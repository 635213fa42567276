package dev.inlay.model.text.jinja;

import java.util.List;
import java.util.Map;

/** The evaluated arguments of a call, filter or test. */
record Arguments(List<Object> positional, Map<String, Object> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    int count() {
        return positional.size() + named.size();
    }

    /** The argument at that place or of that name. */
    Object get(int place, String name, Object otherwise) {
        return place < positional.size() ? positional.get(place) : named.getOrDefault(name, otherwise);
    }

    Object require(int place, String name) {
        Object value = get(place, name, Constant.UNDEFINED);
        if (value == Constant.UNDEFINED) {
            throw new TemplateException("the argument '" + name + "' is missing");
        }
        return value;
    }

    String text(int place, String name, String otherwise) {
        Object value = get(place, name, otherwise);
        if (!(value instanceof String textValue)) {
            throw new TemplateException("the argument '" + name + "' must be text");
        }
        return textValue;
    }

    int integer(int place, String name, int otherwise) {
        Object value = get(place, name, (long) otherwise);
        if (!(value instanceof Long whole) || Math.abs(whole) > Integer.MAX_VALUE) {
            throw new TemplateException("the argument '" + name + "' must be an integer");
        }
        return Math.toIntExact(whole);
    }

    boolean truth(int place, String name) {
        return Values.truth(get(place, name, false));
    }

    /** Refuses arguments that the callee does not know. */
    void only(String... names) {
        if (positional.size() > names.length) {
            throw new TemplateException("takes at most " + names.length + " arguments, got " + positional.size());
        }
        for (String name : named.keySet()) {
            if (!List.of(names).contains(name)) {
                throw new TemplateException("has no argument '" + name + "'");
            }
        }
    }
}
