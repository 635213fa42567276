package dev.inlay.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A text as tokens of JSON, whether it is JSON or not, and changed as JSON: the result is often still JSON. */
final class JsonTokens {
    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "false",
            "0",
            "-0",
            "1",
            "-1",
            "2.0",
            "0.5",
            "1e400",
            "1e-400",
            "1e300",
            "NaN",
            "-Infinity",
            "65537",
            "2147483647",
            "2147483648",
            "4294967296",
            "9007199254740993",
            "9223372036854775807",
            "-9223372036854775808",
            "18446744073709551616",
            "1".repeat(101),
            "\"\"",
            "\"x\"",
            "\"0\"",
            "\"../x\"",
            "\"/etc/passwd\"",
            "\"a\\u0000b\"",
            "\"\\u001b[31m\"",
            "\"\\ud800\"",
            "\"\\n\"",
            "\"%s%n%d\"",
            "\"" + "n".repeat(3000) + "\"",
            "[]",
            "{}",
            "[null]",
            "[[1]]",
            "{\"\":0}",
            "[".repeat(70) + "]".repeat(70));

    private final List<String> tokens;

    private JsonTokens(List<String> tokens) {
        this.tokens = tokens;
    }

    static JsonTokens of(byte[] bytes) {
        // One character for each byte, so that what is not touched keeps its bytes.
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        List<String> tokens = new ArrayList<>();
        for (int at = 0; at < text.length(); ) {
            int end = end(text, at);
            tokens.add(text.substring(at, end));
            at = end;
        }
        return new JsonTokens(tokens);
    }

    private static int end(String text, int start) {
        char first = text.charAt(start);
        int at = start + 1;
        if (first == '"') {
            while (at < text.length() && text.charAt(at) != '"') {
                at += text.charAt(at) == '\\' ? 2 : 1;
            }
            return Math.min(at + 1, text.length());
        }
        while (isWord(first) && at < text.length() && isWord(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '-' || c == '+' || c == '.';
    }

    byte[] changed(Random random) {
        if (tokens.isEmpty()) {
            tokens.add(VALUES.get(random.nextInt(VALUES.size())));
        }
        int at = random.nextInt(tokens.size());
        int other = random.nextInt(tokens.size());
        switch (random.nextInt(9)) {
            case 0, 1, 2 -> tokens.set(value(at), VALUES.get(random.nextInt(VALUES.size())));
            case 3 -> tokens.remove(at);
            case 4 ->
                tokens.addAll(
                        at, List.copyOf(tokens.subList(at, Math.min(tokens.size(), at + 1 + random.nextInt(12)))));
            case 5 ->
                tokens.subList(at, Math.min(tokens.size(), at + 1 + random.nextInt(12)))
                        .clear();
            case 6 -> tokens.set(value(at), tokens.get(value(other)));
            case 7 -> nudge(value(at), random);
            default -> wrap(value(at), random);
        }
        return String.join("", tokens).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The next token from here on that is a value or a key. */
    private int value(int from) {
        for (int i = from; i < tokens.size(); i++) {
            char first = tokens.get(i).charAt(0);
            if (first == '"' || isWord(first)) {
                return i;
            }
        }
        return from;
    }

    /** A number a little less or more, a text a little longer or shorter. */
    private void nudge(int at, Random random) {
        String token = tokens.get(at);
        if (token.matches("-?\\d{1,17}")) {
            tokens.set(at, String.valueOf(Long.parseLong(token) + random.nextInt(5) - 2));
        } else if (token.length() > 2 && token.charAt(0) == '"') {
            int cut = 1 + random.nextInt(token.length() - 2);
            tokens.set(at, random.nextBoolean() ? token.substring(0, cut) + '"' : '"' + token.substring(cut));
        }
    }

    private void wrap(int at, Random random) {
        String token = tokens.get(at);
        tokens.set(
                at,
                switch (random.nextInt(4)) {
                    case 0 -> "[" + token + "]";
                    case 1 -> "[" + token + "," + token + "]";
                    case 2 -> "{" + token + ":" + token + "}";
                    default -> token + ":" + token + "," + token; // a key twice
                });
    }
}
