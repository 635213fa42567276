package dev.inlay.app.experiments.world;

import java.util.Locale;

/** Which texts: no two splits share a world, and two of them hold what no other ever shows. */
public enum Split {
    TRAIN(0, false, false),
    VALID(1, false, false),
    TEST(2, false, false),
    /** Every person and every place has a name of its own, put together from known syllables in a new way. */
    UNSEEN_NAMES(3, true, false),
    /** Every trade comes with a keepsake that it never comes with elsewhere. */
    UNSEEN_COMBINATIONS(4, false, true);

    private final int number;
    private final boolean newNames;
    private final boolean newCombinations;

    Split(int number, boolean newNames, boolean newCombinations) {
        this.number = number;
        this.newNames = newNames;
        this.newCombinations = newCombinations;
    }

    /** Below 8; keeps the worlds of the splits apart. */
    int number() {
        return number;
    }

    boolean newNames() {
        return newNames;
    }

    boolean newCombinations() {
        return newCombinations;
    }

    /** As in file names: {@code unseen-names}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
