package dev.inlay.training.data;

import dev.inlay.model.text.Tokenizer;
import java.util.List;

/**
 * Shows an example to a person: its targets and its control tokens marked, line breaks visible.
 *
 * <p>A control token is marked because its name may also be spelled out in a text, where it is none.
 *
 * @param target around a run of targets
 * @param control around a control token, inside the mark of targets
 * @param words what the marks look like, for people
 * @param tokens how many tokens are shown at most; of a longer example the first and the last half of that
 */
public record ExampleView(Mark target, Mark control, String words, int tokens) {
    private static final String OFF = "\u001B[0m";

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
                "\u27E6learned\u27E7, \u2039control token\u203A, \u21B5 a line break",
                tokens);
    }

    /** Targets in green, control tokens in bold, for terminals. */
    public static ExampleView colours(int tokens) {
        Mark green = new Mark("\u001B[32m", OFF);
        Mark bold = new Mark("\u001B[1m", "\u001B[22m");
        String words = green.around("learned") + ", " + bold.around("control token") + ", \u21B5 a line break";
        return new ExampleView(green, bold, words, tokens);
    }

    /** The text of the example; control characters of the data are made harmless. */
    public String of(Example example, Tokenizer tokenizer) {
        ExampleText text = ExampleText.of(example, tokenizer, tokens);
        return text.leftOut() == 0
                ? part(text.start())
                : part(text.start()) + " ... " + text.leftOut() + " tokens ... " + part(text.end());
    }

    private String part(List<ExampleText.Piece> pieces) {
        StringBuilder text = new StringBuilder();
        StringBuilder targets = new StringBuilder();
        for (int i = 0; i < pieces.size(); i++) {
            ExampleText.Piece piece = pieces.get(i);
            String run = visible(piece.text());
            (piece.target() ? targets : text).append(piece.control() ? control.around(run) : run);
            boolean last = i + 1 == pieces.size() || !pieces.get(i + 1).target();
            if (piece.target() && last) {
                text.append(target.around(targets.toString()));
                targets.setLength(0);
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
