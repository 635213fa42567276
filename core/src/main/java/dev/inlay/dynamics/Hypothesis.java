package dev.inlay.dynamics;

/**
 * A condition of a statement.
 *
 * @param text the condition in words
 * @param truth whether it holds in the case at hand
 */
public record Hypothesis(String text, Truth truth) {
    /** What is known of a condition. */
    public enum Truth {
        TRUE,
        FALSE,
        UNKNOWN
    }

    static Hypothesis of(String text, boolean holds) {
        return new Hypothesis(text, holds ? Truth.TRUE : Truth.FALSE);
    }

    static Hypothesis unknown(String text) {
        return new Hypothesis(text, Truth.UNKNOWN);
    }
}
