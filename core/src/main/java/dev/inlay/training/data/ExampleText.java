package dev.inlay.training.data;

import dev.inlay.model.Segments;
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
     * One control token, or a text of which all tokens are alike.
     *
     * @param text as decoded; it may hold control characters of the data
     * @param target whether they carry loss
     * @param open whether the adapter acts on them
     */
    public record Piece(String text, boolean target, boolean control, boolean open) {}

    public ExampleText {
        start = List.copyOf(start);
        end = List.copyOf(end);
    }

    /**
     * Decodes an example; of one with more than that many tokens the first and the last half of that.
     *
     * @param gate where the adapter acts
     */
    public static ExampleText of(Example example, Segments gate, Tokenizer tokenizer, int tokens) {
        Marked marked = new Marked(example, gate, tokenizer);
        int length = example.length();
        if (length <= tokens) {
            return new ExampleText(part(marked, 0, length), 0, List.of());
        }
        int half = Math.max(tokens / 2, 1);
        return new ExampleText(part(marked, 0, half), length - 2 * half, part(marked, length - half, length));
    }

    /** An example with all that is known of its tokens. */
    private record Marked(Example example, Segments gate, Tokenizer tokenizer) {
        boolean isTarget(int token) {
            return example.target()[token];
        }

        boolean isControl(int token) {
            return tokenizer.isControl(example.ids()[token]);
        }

        boolean isOpen(int token) {
            return gate.at(token) != 0;
        }
    }

    private static List<Piece> part(Marked marked, int from, int to) {
        List<Piece> pieces = new ArrayList<>();
        String before = "";
        int at = from;
        while (at < to) {
            int end = runEnd(marked, at, to);
            // decoded from the start each time: some decoders drop a space in front of what comes first
            String all = marked.tokenizer()
                    .decodeWithSpecials(Arrays.copyOfRange(marked.example().ids(), from, end));
            String text = all.substring(common(before, all));
            pieces.add(new Piece(text, marked.isTarget(at), marked.isControl(at), marked.isOpen(at)));
            before = all;
            at = end;
        }
        return pieces;
    }

    /** Where the tokens end that are alike: one control token, or texts that are marked alike. */
    private static int runEnd(Marked marked, int start, int to) {
        int end = start + 1;
        while (end < to
                && !marked.isControl(start)
                && !marked.isControl(end)
                && marked.isTarget(end) == marked.isTarget(start)
                && marked.isOpen(end) == marked.isOpen(start)) {
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
