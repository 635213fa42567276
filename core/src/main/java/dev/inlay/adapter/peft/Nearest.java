package dev.inlay.adapter.peft;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the word that was probably meant. */
public final class Nearest {
    private static final int LONGEST = 500;

    private Nearest() {}

    /** The candidate with the fewest edits, the earlier of equals; none if there are no candidates. */
    public static Optional<String> to(String word, Collection<String> candidates) {
        String start = word.length() <= LONGEST ? word : word.substring(0, LONGEST);
        return candidates.stream().min(Comparator.comparingInt(candidate -> edits(start, candidate)));
    }

    /** Levenshtein distance: insertions, deletions and replacements of one character. */
    static int edits(String a, String b) {
        int[] previous = new int[b.length() + 1];
        int[] current = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
            }
            int[] swap = previous;
            previous = current;
            current = swap;
        }
        return previous[b.length()];
    }
}
