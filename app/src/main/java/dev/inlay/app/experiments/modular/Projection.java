package dev.inlay.app.experiments.modular;

/** A map of a block that a change can be made to. */
enum Projection {
    QUERY,
    KEY,
    VALUE
}
