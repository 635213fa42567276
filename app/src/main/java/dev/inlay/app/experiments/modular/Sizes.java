package dev.inlay.app.experiments.modular;

import static dev.inlay.InlayException.require;

/**
 * Sizes of a model.
 *
 * @param modulus p: numbers are 0 .. p-1
 * @param depth how often a block is applied
 */
record Sizes(int modulus, int width, int depth, Base base) {
    /** Tokens of an example: x, operation, y, equals sign. */
    static final int POSITIONS = 4;

    Sizes {
        require(modulus >= 3 && modulus <= 1000, "the modulus must be from 3 to 1000, was %d", modulus);
        require(width >= 2 && width <= 4096, "the width must be from 2 to 4096, was %d", width);
        require(depth >= 1 && depth <= 1000, "a depth must be from 1 to 1000, was %d", depth);
    }

    int vocabulary() {
        return modulus + 3;
    }

    int pairs() {
        return modulus * modulus;
    }

    /** Blocks with weights of their own. */
    int blocks() {
        return base == Base.UNTIED ? depth : 1;
    }

    /** Share of a block's output that is added to its input. */
    double step() {
        return base == Base.SHORT_STEPS ? 1.0 / depth : 1;
    }

    long parametersOfBlock() {
        return 4L * width * width + width;
    }

    /** Parameters, all of which act. */
    long parameters() {
        return (2L * vocabulary() + POSITIONS) * width + blocks() * parametersOfBlock();
    }

    /**
     * Parameters that the published model has beside these and never applies: a feed-forward layer of four widths with
     * biases and a norm of its inner width, and a final norm.
     */
    long idleAsPublished() {
        return 8L * width * width + 5L * width + 8L * width + 2L * width;
    }
}
