package dev.inlay.model.text;

import java.util.Arrays;

/**
 * Turns ids into text while they are generated. Not thread-safe.
 *
 * <p>{@link #accept} answers only text that no later id can change; all answers and that of {@link #finish}, one after
 * another, are the decoding of all ids. Held back are an incomplete character at the end, and runs of byte tokens until
 * another token ends the run (whether a run is valid UTF-8 shows only then). Work per id does not depend on how many came
 * before: only a window since the last complete character is decoded again.
 */
public final class StreamDecoder {
    private static final char REPLACEMENT = '\uFFFD';
    /** How many ids of the context decide how the first generated one is spaced; more than any run of bytes needs. */
    private static final int CONTEXT = 64;

    private final Tokenizer tokenizer;
    private int[] window = new int[16];
    private int length;
    /** Characters of the window's text that were answered already. */
    private int answered;

    StreamDecoder(Tokenizer tokenizer, int[] context) {
        this.tokenizer = tokenizer;
        for (int i = Math.max(0, context.length - CONTEXT); i < context.length; i++) {
            append(context[i]);
        }
        String text = decoded();
        answered = text.length();
        while (answered > 0 && text.charAt(answered - 1) == REPLACEMENT) {
            answered--;
        }
    }

    /** Takes the next id and answers the text that is final by it, often one word, sometimes empty. */
    public String accept(int id) {
        if (tokenizer.isControl(id)) {
            return "";
        }
        append(id);
        if (tokenizer.isByte(id)) {
            return "";
        }
        String text = decoded();
        boolean open = !text.isEmpty() && text.charAt(text.length() - 1) == REPLACEMENT;
        String fresh = take(text, open ? text.length() - 1 : text.length());
        if (!open) {
            window[0] = id;
            length = 1;
            answered = decoded().length();
        }
        return fresh;
    }

    /** Answers what was held back. */
    public String finish() {
        String text = decoded();
        return take(text, text.length());
    }

    private String take(String text, int end) {
        if (end <= answered) {
            return "";
        }
        String fresh = text.substring(answered, end);
        answered = end;
        return fresh;
    }

    private void append(int id) {
        if (tokenizer.isControl(id)) {
            return;
        }
        if (length == window.length) {
            window = Arrays.copyOf(window, 2 * length);
        }
        window[length++] = id;
    }

    private String decoded() {
        return tokenizer.decode(Arrays.copyOf(window, length));
    }
}
