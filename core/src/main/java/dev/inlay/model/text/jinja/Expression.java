package dev.inlay.model.text.jinja;

/** Something with a value. */
@FunctionalInterface
interface Expression {
    Object in(Frame frame);
}
