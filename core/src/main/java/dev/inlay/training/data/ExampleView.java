package dev.inlay.training.data;

import dev.inlay.model.Segments;
import dev.inlay.model.text.Tokenizer;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Shows an example to a person: its targets and its control tokens marked, line breaks visible.
 *
 * <p>A control token is marked because its name may also be spelled out in a text, where it is none.
 *
 * @param target around a run of targets
 * @param control around a control token, inside the mark of targets
 * @param gate around what the adapter acts on, if it does not act on all; around the mark of targets
 * @param words what the marks look like, for people
 * @param tokens how many tokens are shown at most; of a longer example the first and the last half of that
 */
public record ExampleView(Mark target, Mark control, Mark gate, String words, int tokens) {
    private static final String OFF = "\u001B[39m";
    private static final Mark NOTHING = new Mark("", "");

    /** What is put in front of a text and behind it. */
    public record Mark(String open, String close) {
        private String around(String text) {
            return open + text + close;
        }
    }

    /** Targets in mathematical brackets, control tokens in angular ones, which texts hardly contain. */
    public static ExampleView brackets(int tokens) {
        return new ExampleView(
                new Mark("\u27E6", "\u27E7"),
                new Mark("\u2039", "\u203A"),
                new Mark("\u25B8", "\u25C2"),
                "\u27E6learned\u27E7, \u2039control token\u203A, \u21B5 a line break",
                tokens);
    }

    /** Targets in green, control tokens in bold, for terminals. */
    public static ExampleView colours(int tokens) {
        Mark green = new Mark("\u001B[32m", OFF);
        Mark bold = new Mark("\u001B[1m", "\u001B[22m");
        Mark underlined = new Mark("\u001B[4m", "\u001B[24m");
        String words = green.around("learned") + ", " + bold.around("control token") + ", \u21B5 a line break";
        return new ExampleView(green, bold, underlined, words, tokens);
    }

    /**
     * What the marks mean.
     *
     * @param segments where the adapter acts
     */
    public String legend(Segments segments) {
        return segments.equals(Segments.OPEN) ? words : gate.around("the adapter acts") + ", " + words;
    }

    /** The text of the example; control characters of the data are made harmless. */
    public String of(Example example, Segments segments, Tokenizer tokenizer) {
        ExampleText text = ExampleText.of(example, segments, tokenizer, tokens);
        boolean gated = !segments.equals(Segments.OPEN);
        return text.leftOut() == 0
                ? part(text.start(), gated)
                : part(text.start(), gated) + " ... " + text.leftOut() + " tokens ... " + part(text.end(), gated);
    }

    private String part(List<ExampleText.Piece> pieces, boolean gated) {
        return runs(
                pieces,
                ExampleText.Piece::open,
                gated ? gate : NOTHING,
                open -> runs(open, ExampleText.Piece::target, target, alike -> {
                    StringBuilder text = new StringBuilder();
                    alike.forEach(piece -> text.append(
                            piece.control() ? control.around(visible(piece.text())) : visible(piece.text())));
                    return text.toString();
                }));
    }

    /** Marks the runs of pieces that have a property. */
    private static String runs(
            List<ExampleText.Piece> pieces,
            Predicate<ExampleText.Piece> marked,
            Mark mark,
            Function<List<ExampleText.Piece>, String> inner) {
        StringBuilder text = new StringBuilder();
        int start = 0;
        for (int i = 1; i <= pieces.size(); i++) {
            if (i == pieces.size() || marked.test(pieces.get(i)) != marked.test(pieces.get(start))) {
                String run = inner.apply(pieces.subList(start, i));
                text.append(marked.test(pieces.get(start)) ? mark.around(run) : run);
                start = i;
            }
        }
        return text.toString();
    }

    private static String visible(String text) {
        StringBuilder result = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                result.append("\u21B5\n");
            } else {
                result.append(Character.isISOControl(c) && c != '\t' ? '\uFFFD' : c);
            }
        }
        return result.toString();
    }
}
