package dev.inlay.model.text;

import java.util.List;

/**
 * A conversation as the text that the model reads. Encode it with {@link Tokenizer#encodeTemplated}: the template writes
 * its own control tokens.
 *
 * @param text the text
 * @param generated what the model itself is to write: the {@code {% generation %}} blocks; empty if there are none
 */
public record Rendered(String text, List<Span> generated) {
    public Rendered {
        generated = List.copyOf(generated);
    }
}
