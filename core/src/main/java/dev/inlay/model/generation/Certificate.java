package dev.inlay.model.generation;

/**
 * What the base alone made of the first tokens of a session: equal before and after adapters were used, or they were not
 * left alone.
 *
 * @param length of these tokens
 * @param keysAndValues hash of theirs
 * @param logits hash of the base's logits at the last of them, which depend on all
 */
public record Certificate(int length, String keysAndValues, String logits) {}
