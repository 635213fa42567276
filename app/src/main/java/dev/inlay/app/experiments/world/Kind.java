package dev.inlay.app.experiments.world;

import java.util.Locale;

/** What a choice of the grammar decides. */
enum Kind {
    /** A person or a place. */
    NAME,
    /** Something that is so in the world of the text: certain for who knows the world, a draw for who does not. */
    FACT,
    /** Any other value that later parts depend on: topic, rating, price, flaw. */
    PLAN,
    /** Which sentence comes, and how many. */
    FORM,
    /** Which word. */
    WORD;

    /** As in files: {@code fact}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
