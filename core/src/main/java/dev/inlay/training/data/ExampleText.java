package dev.inlay.training.data;

import dev.inlay.model.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The text of an example in pieces whose tokens are alike, to be shown to a person.
 *
 * @param start the first pieces; all of them where nothing is left out
 * @param leftOut tokens between start and end that are not shown
 * @param end the last pieces
 */
public record ExampleText(List<Piece> start, int leftOut, List<Piece> end) {
    /**
     * One control token, or a text of which all tokens are targets or none is.
     *
     * @param text as decoded; it may hold control characters of the data
     */
    public record Piece(String text, boolean target, boolean control) {}

    public ExampleText {
        start = List.copyOf(start);
        end = List.copyOf(end);
    }

    /** Decodes an example; of one with more than that many tokens the first and the last half of that. */
    public static ExampleText of(Example example, Tokenizer tokenizer, int tokens) {
        int length = example.length();
        if (length <= tokens) {
            return new ExampleText(part(example, 0, length, tokenizer), 0, List.of());
        }
        int half = Math.max(tokens / 2, 1);
        return new ExampleText(
                part(example, 0, half, tokenizer), length - 2 * half, part(example, length - half, length, tokenizer));
    }

    private static List<Piece> part(Example example, int from, int to, Tokenizer tokenizer) {
        List<Piece> pieces = new ArrayList<>();
        String before = "";
        int at = from;
        while (at < to) {
            int end = runEnd(example, at, to, tokenizer);
            // decoded from the start each time: some decoders drop a space in front of what comes first
            String all = tokenizer.decodeWithSpecials(Arrays.copyOfRange(example.ids(), from, end));
            String text = all.substring(common(before, all));
            pieces.add(new Piece(text, example.target()[at], tokenizer.isControl(example.ids()[at])));
            before = all;
            at = end;
        }
        return pieces;
    }

    /** Where the tokens end that are alike: one control token, or texts that are all learned or all not. */
    private static int runEnd(Example example, int start, int to, Tokenizer tokenizer) {
        int end = start + 1;
        while (end < to
                && !tokenizer.isControl(example.ids()[start])
                && !tokenizer.isControl(example.ids()[end])
                && example.target()[end] == example.target()[start]) {
            end++;
        }
        return end;
    }

    private static int common(String a, String b) {
        int i = 0;
        while (i < a.length() && i < b.length() && a.charAt(i) == b.charAt(i)) {
            i++;
        }
        return i;
    }
}
