package dev.inlay.model.text.jinja;

import java.time.Duration;

/** What one rendering may spend. A template that needs more ends with an error. */
final class Budget {
    private static final long STEPS = 5_000_000;
    private static final long CHARACTERS = 200_000_000;
    /** An element of a list takes about the memory of so many characters. */
    private static final long ELEMENT = 32;
    /** Comparisons of one search, about a second: looking for a text takes the product of both lengths at worst. */
    private static final long COMPARISONS = 1_000_000_000L;

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
        if (System.nanoTime() - end > 0) {
            throw new TemplateException(
                    "needs more than " + Duration.ofNanos(NANOSECONDS).toSeconds() + " seconds");
        }
    }

    /** Counts the characters of a text before it is made. */
    void produce(long count) {
        if (count > Values.LONGEST) {
            throw new TemplateException(
                    "makes a text of more than " + Values.LONGEST + " characters, or a list like it");
        }
        characters += count;
        if (characters > CHARACTERS) {
            throw new TemplateException("makes more than " + CHARACTERS + " characters of text");
        }
    }

    /** Counts the elements of a list before it is made. */
    void hold(long elements) {
        produce(Math.min(elements, CHARACTERS) * ELEMENT);
    }

    /** To be asked before a text is looked for in another. */
    void search(String text, String part) {
        if ((long) text.length() * part.length() > COMPARISONS) {
            throw new TemplateException(
                    "looks for a text of " + part.length() + " characters in one of " + text.length());
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
