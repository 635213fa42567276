package dev.inlay.bench;

import java.util.Locale;

/** Who did a job. */
enum Side {
    OURS,
    /** transformers and peft. */
    THEIRS,
    /** The machine itself: a ceiling. */
    MACHINE;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
