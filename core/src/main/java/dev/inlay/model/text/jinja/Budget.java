package dev.inlay.model.text.jinja;

import java.time.Duration;

/** What one rendering may spend. A template that needs more ends with an error. */
final class Budget {
    private static final long STEPS = 5_000_000;
    private static final long CHARACTERS = 200_000_000;
    private static final int DEPTH = 50;
    private static final long NANOSECONDS = Duration.ofSeconds(20).toNanos();

    private final long end = System.nanoTime() + NANOSECONDS;
    private long steps;
    private long characters;
    private int depth;

    /** Counts one evaluation. */
    void step() {
        if (++steps > STEPS) {
            throw new TemplateException("needs more than " + STEPS + " steps");
        }
        if ((steps & 1023) == 0 && System.nanoTime() - end > 0) {
            throw new TemplateException(
                    "needs more than " + Duration.ofNanos(NANOSECONDS).toSeconds() + " seconds");
        }
    }

    /** Counts text, or elements of lists, before they are made. */
    void produce(long count) {
        characters += count;
        if (characters > CHARACTERS || count > CHARACTERS) {
            throw new TemplateException("makes more than " + CHARACTERS + " characters of text");
        }
    }

    void enter() {
        if (++depth > DEPTH) {
            throw new TemplateException("macros call each other deeper than " + DEPTH);
        }
    }

    void leave() {
        depth--;
    }
}
