package dev.inlay.training.data;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.model.Segments;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The most tokens of an example, and what happens to longer ones.
 *
 * @param tokens at least 2: one to see and one to learn
 */
public record Limit(int tokens, Overflow overflow) {
    public Limit {
        require(tokens >= 2, "the length limit must be at least 2 tokens, was %d", tokens);
    }

    /**
     * What is left of an example.
     *
     * @param name of the file, for the message
     * @return the example itself if it fits; otherwise what the policy leaves, pieces without a target excluded
     * @throws InlayException under {@link Overflow#ERROR}, if it is too long
     */
    List<Example> of(String name, Example example) {
        if (example.length() <= tokens) {
            return List.of(example);
        }
        return switch (overflow) {
            case ERROR -> throw tooLong(name, example);
            case SPLIT -> split(example);
            case CUT -> taught(List.of(piece(example, 0, tokens)));
            case DROP -> List.of();
        };
    }

    /** Into how many pieces a row of this length is split: each but the first token is learned in one of them. */
    int pieces(int length) {
        return (length - 2) / (tokens - 1) + 1;
    }

    private InlayException tooLong(String name, Example example) {
        return InlayException.data(
                "%s line %d: %,d tokens, but the limit is %,d; choose what happens to such rows (overflow: split, cut or"
                        + " drop) or raise the limit",
                name, example.line(), example.length(), tokens);
    }

    /** The first token of a piece is the last of the piece before: seen again, learned there. */
    private List<Example> split(Example example) {
        List<Example> pieces = new ArrayList<>();
        for (int start = 0; start < example.length() - 1; start += tokens - 1) {
            pieces.add(piece(example, start, Math.min(start + tokens, example.length())));
        }
        return taught(pieces);
    }

    private static List<Example> taught(List<Example> pieces) {
        return pieces.stream().filter(piece -> piece.targets() > 0).toList();
    }

    private static Example piece(Example example, int start, int end) {
        boolean[] target = Arrays.copyOfRange(example.target(), start, end);
        target[0] = false;
        Segments segments = example.segments();
        return new Example(
                Arrays.copyOfRange(example.ids(), start, end),
                target,
                example.origin(),
                segments == null ? null : segments.after(start));
    }
}
