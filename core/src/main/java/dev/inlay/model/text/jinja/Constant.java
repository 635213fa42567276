package dev.inlay.model.text.jinja;

/** The two values that are not there. */
enum Constant {
    /** Python's None. */
    NONE,
    /** A name or key without a value: prints as nothing, is false, and fails in arithmetic. */
    UNDEFINED
}
