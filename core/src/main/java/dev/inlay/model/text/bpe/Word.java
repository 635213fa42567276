package dev.inlay.model.text.bpe;

/** A word as the tokens that it consists of now. */
final class Word {
    /** Told of each pair that comes ({@code +1}) or goes ({@code -1}). */
    @FunctionalInterface
    interface Change {
        void of(long pair, int by);
    }

    private final int[] tokens;
    private int length;

    Word(int[] tokens) {
        this.tokens = tokens;
        this.length = tokens.length;
    }

    int length() {
        return length;
    }

    long pair(int at) {
        return pair(tokens[at], tokens[at + 1]);
    }

    static long pair(int left, int right) {
        return ((long) left << 32) | right;
    }

    static int left(long pair) {
        return (int) (pair >>> 32);
    }

    static int right(long pair) {
        return (int) pair;
    }

    /** Replaces the pair from left to right. The pair itself is not reported: it never counts again. */
    void merge(long pair, int made, Change change) {
        int left = left(pair);
        int right = right(pair);
        int end = 0;
        int at = 0;
        while (at < length) {
            if (at + 1 < length && tokens[at] == left && tokens[at + 1] == right) {
                if (end > 0) {
                    change.of(pair(tokens[end - 1], left), -1);
                    change.of(pair(tokens[end - 1], made), 1);
                }
                if (at + 2 < length) {
                    change.of(pair(right, tokens[at + 2]), -1);
                    change.of(pair(made, tokens[at + 2]), 1);
                }
                tokens[end++] = made;
                at += 2;
            } else {
                tokens[end++] = tokens[at++];
            }
        }
        length = end;
    }
}
