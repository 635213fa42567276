package dev.inlay.model.text.bpe;

import java.util.List;

/**
 * A learned vocabulary.
 *
 * @param tokens by id: special tokens, then the 256 bytes, then what the merges made
 * @param merges in the order in which they are applied
 */
public record BytePairs(List<String> tokens, List<Merge> merges) {
    /** Two tokens that become one. */
    public record Merge(String left, String right) {}

    public BytePairs {
        tokens = List.copyOf(tokens);
        merges = List.copyOf(merges);
    }
}
