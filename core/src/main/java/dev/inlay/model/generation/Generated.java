package dev.inlay.model.generation;

import java.util.List;

/**
 * What came of one prompt.
 *
 * @param tokens the new tokens without a stop id; those of a stop string are among them
 * @param text what they add to the prompt's text, up to a stop string; empty without a tokenizer
 * @param reason why the row ended
 * @param promptTokens length of the prompt
 */
public record Generated(List<Integer> tokens, String text, FinishReason reason, int promptTokens) {
    public Generated {
        tokens = List.copyOf(tokens);
    }
}
