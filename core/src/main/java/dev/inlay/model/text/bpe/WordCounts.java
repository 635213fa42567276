package dev.inlay.model.text.bpe;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often each word occurs in the texts seen so far. A word is what GPT-2's rule cuts out: letters, digits or other
 * characters with at most one space before them, or white space; no merge crosses its edge.
 *
 * <p>The rule asks for the Unicode classes of characters; the platform that learns and the library that encodes may know
 * different versions of Unicode. That can cost a merge for a very new character, never a wrong decoding.
 */
public final class WordCounts {
    private static final Pattern WORD = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS);

    private final Map<String, Long> counts = new HashMap<>();

    /** Counts the words of a text. */
    public void add(String text) {
        Matcher matcher = WORD.matcher(text);
        while (matcher.find()) {
            counts.merge(matcher.group(), 1L, Long::sum);
        }
    }

    /** Words spelled in {@link ByteAlphabet}, in the order of their characters. */
    Map<String, Long> spelled() {
        Map<String, Long> spelled = new TreeMap<>();
        counts.forEach((word, count) -> spelled.put(ByteAlphabet.spell(word), count));
        return spelled;
    }

    /** Different words. */
    public int size() {
        return counts.size();
    }
}
