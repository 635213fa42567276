package dev.inlay.adapter.gate;

import static dev.inlay.InlayException.require;

import java.util.OptionalInt;

/** Where a segment that a trigger opened ends. */
public sealed interface Closing {
    /** Where nothing closes it. */
    Closing NEVER = new Never();

    /**
     * The first position that is closed again; empty if there is none.
     *
     * @param row the given tokens
     * @param start where it opened
     */
    OptionalInt end(int[] row, int start);

    /** Nowhere. */
    record Never() implements Closing {
        @Override
        public OptionalInt end(int[] row, int start) {
            return OptionalInt.empty();
        }

        @Override
        public String toString() {
            return "never";
        }
    }

    /**
     * After so many tokens.
     *
     * @param tokens at least 1
     */
    record After(int tokens) implements Closing {
        public After {
            require(tokens >= 1, "a segment is at least one token long, was %d", tokens);
        }

        @Override
        public OptionalInt end(int[] row, int start) {
            return OptionalInt.of(Math.addExact(start, tokens));
        }

        @Override
        public String toString() {
            return "after " + tokens + " tokens";
        }
    }

    /**
     * Before the next occurrence of a marker; where none follows, nowhere.
     *
     * @param marker behind the first open token
     */
    record Before(Trigger marker) implements Closing {
        @Override
        public OptionalInt end(int[] row, int start) {
            return marker.occurrences(row).stream()
                    .filter(index -> index > start)
                    .mapToInt(Integer::intValue)
                    .findFirst();
        }

        @Override
        public String toString() {
            return "before " + marker;
        }
    }
}
