package dev.inlay.model.text.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Attributes, items and slices. */
final class Access {
    private Access() {}

    /** {@code value.name}: a method of the type, else a key. */
    static Object attribute(Object value, String name) {
        if (value == Constant.UNDEFINED) {
            throw new TemplateException("cannot read '" + name + "' of an undefined value");
        }
        Object method = Methods.find(value, name);
        if (method != Constant.UNDEFINED) {
            return method;
        }
        return keyed(value, name);
    }

    private static Object keyed(Object value, Object key) {
        Object found = value instanceof Namespace namespace
                ? namespace.values().get(key)
                : value instanceof Map<?, ?> map ? map.get(key) : Constant.UNDEFINED;
        return found == null ? Constant.UNDEFINED : found;
    }

    /** {@code value[key]}: a key or a place, else an attribute. */
    static Object item(Object value, Object key) {
        if (value == Constant.UNDEFINED) {
            throw new TemplateException("cannot read [" + Values.text(key) + "] of an undefined value");
        }
        if (key instanceof Long whole && (value instanceof List || value instanceof String)) {
            return at(value, whole);
        }
        Object found = keyed(value, key);
        return found == Constant.UNDEFINED && key instanceof String textValue ? Methods.find(value, textValue) : found;
    }

    private static Object at(Object value, long index) {
        long length = Values.length(value);
        long place = index < 0 ? index + length : index;
        if (place < 0 || place >= length) {
            return Constant.UNDEFINED;
        }
        if (value instanceof List<?> list) {
            return list.get((int) place);
        }
        String text = (String) value;
        return Character.toString(text.codePointAt(text.offsetByCodePoints(0, (int) place)));
    }

    /** {@code value[from:to:step]} with Python's clipping; a bound that is none is open. */
    static Object slice(Object value, Object from, Object to, Object step, Budget budget) {
        if (!(value instanceof List) && !(value instanceof String)) {
            throw new TemplateException("cannot take a slice of " + Values.type(value));
        }
        List<Object> all = Values.items(value, budget);
        long by = bound(step, 1);
        if (by == 0) {
            throw new TemplateException("a slice with step 0");
        }
        int size = all.size();
        long begin = clip(bound(from, by > 0 ? 0 : size - 1), by > 0 ? 0 : -1, size, from);
        long end = to == Constant.NONE ? (by > 0 ? size : -1) : clip(bound(to, 0), by > 0 ? 0 : -1, size, to);
        List<Object> part = new ArrayList<>();
        for (long i = Math.min(begin, by > 0 ? size : size - 1); by > 0 ? i < end : i > end; i += by) {
            part.add(all.get((int) i));
        }
        if (value instanceof String) {
            StringBuilder text = new StringBuilder();
            part.forEach(text::append);
            return text.toString();
        }
        return value instanceof Tuple ? new Tuple(part) : part;
    }

    private static long bound(Object bound, long otherwise) {
        if (bound == Constant.NONE) {
            return otherwise;
        }
        if (!(bound instanceof Long whole)) {
            throw new TemplateException("a slice needs integers, got " + Values.type(bound));
        }
        return Math.max(-Integer.MAX_VALUE, Math.min(Integer.MAX_VALUE, whole));
    }

    private static long clip(long index, long least, int size, Object given) {
        long place = index < 0 && given != Constant.NONE ? index + size : index;
        return Math.max(least, Math.min(size, place));
    }
}
