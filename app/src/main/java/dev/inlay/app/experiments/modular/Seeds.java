package dev.inlay.app.experiments.modular;

import dev.inlay.engine.Randomness;

/** What is drawn in a cell, each from a seed of its own. */
record Seeds(long seed) {
    long weights() {
        return Randomness.derive(seed, 0);
    }

    long split() {
        return Randomness.derive(seed, 1);
    }

    long change() {
        return Randomness.derive(seed, 2);
    }
}
