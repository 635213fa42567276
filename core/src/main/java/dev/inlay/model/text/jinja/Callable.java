package dev.inlay.model.text.jinja;

/** A function, macro or method of a value. */
@FunctionalInterface
interface Callable {
    Object call(Arguments arguments, Budget budget);
}
