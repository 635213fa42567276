package dev.inlay.training.data;

/** What happens to a row that is longer than the limit; whatever it is, the data report counts it. */
public enum Overflow {
    /** Stop and name the row. */
    ERROR,
    /**
     * Cut into pieces that overlap by one token, so that every target is learned exactly once. A piece sees nothing of
     * those before it but that token; pieces without a target are left out.
     */
    SPLIT,
    /** Keep the first tokens. */
    CUT,
    /** Leave the row out. */
    DROP
}
