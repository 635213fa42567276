package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

/** How the scores of one row become weights. */
public sealed interface Rule {
    /** Whether this is the softmax, whatever it is called. */
    default boolean isSoftmax() {
        return false;
    }

    /** Whether the weights of each row sum to 1. */
    default boolean hasRowsOfOne() {
        return true;
    }

    /** P_ij = softmax over j. */
    record Softmax() implements Rule {
        @Override
        public boolean isSoftmax() {
            return true;
        }
    }

    /** All weight on the largest score, of equal ones on the token with the lowest index. */
    record Hardmax() implements Rule {}

    /** e^(beta (s_ij - shift)) / n, not normalised (USA; arXiv 2312.10794, and with shift 1 arXiv 2410.06833). */
    record Kernel(double shift) implements Rule {
        @Override
        public boolean hasRowsOfOne() {
            return false;
        }
    }

    /** Rows and columns normalised in turn (arXiv 2110.11773); one iteration is the softmax. */
    record Sinkhorn(int iterations) implements Rule {
        public Sinkhorn {
            require(iterations >= 1, "Sinkhorn needs at least 1 iteration, was %d", iterations);
        }

        @Override
        public boolean isSoftmax() {
            return iterations == 1;
        }

        /** Rows are normalised first, then columns, and so on. */
        @Override
        public boolean hasRowsOfOne() {
            return iterations % 2 == 1;
        }
    }
}
