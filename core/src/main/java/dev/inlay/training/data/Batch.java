package dev.inlay.training.data;

import static dev.inlay.InlayException.require;

/**
 * How much one optimiser step takes. The number of steps of an epoch depends on the data alone, not on their order, so
 * the step after any number of steps is found by arithmetic.
 */
public sealed interface Batch {

    /** At most this many rows; the rows of an epoch are spread evenly, so no step is a small remainder. */
    static Batch rows(int rows) {
        return new RowBatch(rows);
    }

    /** About this many tokens: rows are never split, so a step may miss the number by one row. */
    static Batch tokens(int tokens) {
        return new TokenBatch(tokens);
    }

    /**
     * The number of steps of every epoch.
     *
     * @param lengths [rows] in tokens, in any order
     */
    int stepsPerEpoch(int[] lengths);

    /**
     * Cuts one epoch into its steps.
     *
     * @param lengths [rows] in tokens, in the order of the epoch
     * @return [steps + 1] ascending: step j takes the rows from bounds[j] (inclusive) to bounds[j + 1] (exclusive)
     */
    int[] bounds(int[] lengths);

    /** See {@link #rows}. */
    record RowBatch(int rows) implements Batch {
        public RowBatch {
            require(rows > 0, "rows per step must be positive, was %d", rows);
        }

        @Override
        public int stepsPerEpoch(int[] lengths) {
            return (lengths.length + rows - 1) / rows;
        }

        @Override
        public int[] bounds(int[] lengths) {
            int steps = stepsPerEpoch(lengths);
            int[] bounds = new int[steps + 1];
            for (int j = 0; j <= steps; j++) {
                bounds[j] = (int) ((long) j * lengths.length / Math.max(steps, 1));
            }
            return bounds;
        }
    }

    /** See {@link #tokens}. */
    record TokenBatch(int tokens) implements Batch {
        public TokenBatch {
            require(tokens > 0, "tokens per step must be positive, was %d", tokens);
        }

        @Override
        public int stepsPerEpoch(int[] lengths) {
            long steps = (total(lengths) + tokens - 1) / tokens;
            return (int) Math.min(steps, lengths.length);
        }

        @Override
        public int[] bounds(int[] lengths) {
            int steps = stepsPerEpoch(lengths);
            long total = total(lengths);
            int[] bounds = new int[steps + 1];
            int row = 0;
            long before = 0;
            for (int j = 1; j < steps; j++) {
                // a step has at least one row, and leaves at least one for each step after it
                int first = bounds[j - 1] + 1;
                int last = lengths.length - (steps - j);
                while (row < first || (row < last && before + lengths[row] / 2 < share(total, j, steps))) {
                    before += lengths[row++];
                }
                bounds[j] = row;
            }
            bounds[steps] = lengths.length;
            return bounds;
        }

        /** total * j / steps without overflow. */
        private static long share(long total, int j, int steps) {
            return total / steps * j + total % steps * j / steps;
        }

        private static long total(int[] lengths) {
            long total = 0;
            for (int each : lengths) {
                total += each;
            }
            return total;
        }
    }
}
