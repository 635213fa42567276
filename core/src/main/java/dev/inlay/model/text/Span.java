package dev.inlay.model.text;

/**
 * A range of a text in UTF-16 units.
 *
 * @param start the first unit
 * @param end behind the last unit
 */
public record Span(int start, int end) {}
