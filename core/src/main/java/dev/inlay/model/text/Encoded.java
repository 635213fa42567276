package dev.inlay.model.text;

/**
 * Token ids with the place of each in the text.
 *
 * <p>Token {@code i} covers the UTF-16 range {@code [starts[i], ends[i])}. Tokens that share one character (bytes of one
 * code point) have the same range. The arrays have equal length and belong to the receiver.
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of three parallel arrays, never compared
public record Encoded(int[] ids, int[] starts, int[] ends) {}
