package dev.inlay.app.experiments.flags;

/** What a review ends with. */
public enum Verdict {
    PASS,
    FAIL,
    /** The reviewer could not tell; such a row has no right flag. */
    AMBIGUOUS
}
