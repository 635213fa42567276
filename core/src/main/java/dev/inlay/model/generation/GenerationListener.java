package dev.inlay.model.generation;

/** Watches rows grow; called on a thread that generates, which waits for it, and by one at a time. */
@FunctionalInterface
public interface GenerationListener {
    /** Watches nothing. */
    GenerationListener NONE = (row, piece) -> {};

    /**
     * More text of a row. All pieces of a row one after another are its text.
     *
     * @param row number of the prompt in the request
     * @param piece never empty, never taken back
     */
    void text(int row, String piece);

    /** Whether a row shall go on; asked after each of its tokens. */
    default boolean goesOn(int row) {
        return true;
    }

    /** A row ended; no more text comes for it. */
    default void finished(int row, Generated result) {}
}
