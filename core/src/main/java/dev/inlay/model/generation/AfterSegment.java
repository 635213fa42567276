package dev.inlay.model.generation;

/** What a return to the base does with the rows that adapters had a part in. There is no default: each has its price. */
public enum AfterSegment {
    /** They stay: nothing is computed, and all that follows reads them. */
    KEEP_TAINTED,
    /** Their tokens are read again by the base alone. */
    RECOMPUTE,
    /** They and their tokens go; what follows takes their positions. */
    DROP
}
