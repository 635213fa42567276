package dev.inlay.adapter.exchange;

import dev.inlay.InlayException;
import java.util.Arrays;

/** How many of a change's singular values are kept. */
public sealed interface Truncation {
    /**
     * The number to keep, at least 1.
     *
     * @param values descending, not all zero
     */
    int rank(double[] values);

    /** The same number everywhere, or all there are. */
    record Fixed(int rank) implements Truncation {
        public Fixed {
            InlayException.require(rank >= 1, "the rank must be at least 1, was %d", rank);
        }

        @Override
        public int rank(double[] values) {
            return Math.min(rank, values.length);
        }
    }

    /** As few as hold this share of the sum of squares. */
    record Energy(double share) implements Truncation {
        public Energy {
            InlayException.require(share > 0 && share <= 1, "the energy must be above 0 and at most 1, was %s", share);
        }

        @Override
        public int rank(double[] values) {
            double total = Arrays.stream(values).map(value -> value * value).sum();
            double sum = 0;
            int rank = 0;
            while (rank < values.length && (rank == 0 || sum < share * total)) {
                sum += values[rank] * values[rank];
                rank++;
            }
            return rank;
        }
    }
}
