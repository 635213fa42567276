package dev.inlay.model.text.jinja;

import java.util.List;

/**
 * What Python makes on demand: a range, or the result of a filter such as {@code map}. A loop or filter goes through it;
 * it is always true, and has no printed form, length or sum of its own.
 */
record Lazy(List<Object> items) {}
