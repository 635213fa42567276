package dev.inlay.training.data;

import dev.inlay.model.text.Tokenizer;
import java.util.Arrays;

/**
 * Shows an example to a person, its targets marked.
 *
 * @param open put before a run of targets
 * @param close put after it
 * @param tokens how many tokens are shown at most; of a longer example the first and the last half of that
 */
public record ExampleView(String open, String close, int tokens) {

    /** Targets in mathematical brackets, which texts hardly contain. */
    public static ExampleView brackets(int tokens) {
        return new ExampleView("\u27E6", "\u27E7", tokens);
    }

    /** Targets in green, for terminals. */
    public static ExampleView colours(int tokens) {
        return new ExampleView("\u001B[32m", "\u001B[0m", tokens);
    }

    /** The text of the example, special tokens included; control characters of the data are made harmless. */
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
        String before = "";
        int at = from;
        while (at < to) {
            int end = at + 1;
            while (end < to && example.target()[end] == example.target()[at]) {
                end++;
            }
            // decoded from the start each time: some decoders drop a space in front of what comes first
            String all = tokenizer.decodeWithSpecials(Arrays.copyOfRange(example.ids(), from, end));
            String run = harmless(all.substring(common(before, all)));
            text.append(example.target()[at] ? open + run + close : run);
            before = all;
            at = end;
        }
        return text.toString();
    }

    private static int common(String a, String b) {
        int i = 0;
        while (i < a.length() && i < b.length() && a.charAt(i) == b.charAt(i)) {
            i++;
        }
        return i;
    }

    private static String harmless(String text) {
        StringBuilder result = new StringBuilder(text);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c) && c != '\n' && c != '\t') {
                result.setCharAt(i, '\uFFFD');
            }
        }
        return result.toString();
    }
}
