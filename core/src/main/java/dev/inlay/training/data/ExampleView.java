package dev.inlay.training.data;

import dev.inlay.model.text.Tokenizer;
import java.util.Arrays;

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
        int length = example.length();
        if (length <= tokens) {
            return part(example, 0, length, tokenizer);
        }
        int half = Math.max(tokens / 2, 1);
        return part(example, 0, half, tokenizer)
                + " ... " + (length - 2 * half) + " tokens ... "
                + part(example, length - half, length, tokenizer);
    }

    private String part(Example example, int from, int to, Tokenizer tokenizer) {
        StringBuilder text = new StringBuilder();
        StringBuilder targets = new StringBuilder();
        String before = "";
        int at = from;
        while (at < to) {
            int end = runEnd(example, at, to, tokenizer);
            // decoded from the start each time: some decoders drop a space in front of what comes first
            String all = tokenizer.decodeWithSpecials(Arrays.copyOfRange(example.ids(), from, end));
            String run = visible(all.substring(common(before, all)));
            boolean learned = example.target()[at];
            (learned ? targets : text).append(tokenizer.isControl(example.ids()[at]) ? control.around(run) : run);
            if (learned && (end == to || !example.target()[end])) {
                text.append(target.around(targets.toString()));
                targets.setLength(0);
            }
            before = all;
            at = end;
        }
        return text.toString();
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
