package dev.inlay.adapter.peft;

import java.util.Arrays;
import java.util.Optional;

/**
 * How the factors were set before training: {@code init_lora_weights}. Only starts that leave the base weights as they are;
 * the others ({@code pissa}, {@code olora}, {@code corda}, {@code loftq}, {@code lora_ga}) make a file that is wrong on the
 * original base.
 */
public enum Start {
    /** Down uniform in +-1/sqrt(in), up zero. */
    DEFAULT("true"),
    /** Both random: for tests. */
    RANDOM("false"),
    /** Down normal with deviation 1/rank, up zero. */
    GAUSSIAN("gaussian"),
    /** Down from the singular vectors of the layer's inputs, up zero. */
    EVA("eva"),
    /** Both random with orthogonal rows, their product zero. */
    ORTHOGONAL("orthogonal"),
    /** Up from the base's minor singular vectors and kept, down zero. */
    MICA("mica");

    private final String written;

    Start(String written) {
        this.written = written;
    }

    /** As in the file: {@code true} and {@code false} are JSON literals there, the others strings. */
    String written() {
        return written;
    }

    boolean literal() {
        return this == DEFAULT || this == RANDOM;
    }

    static Optional<Start> ofName(String name) {
        return Arrays.stream(values())
                .filter(start -> !start.literal() && start.written.equalsIgnoreCase(name))
                .findFirst();
    }
}
