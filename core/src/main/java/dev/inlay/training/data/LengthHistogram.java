package dev.inlay.training.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How long rows are, before anything is split or cut.
 *
 * @param counts rows by length in powers of two: counts[k] rows have 2^k to 2^(k+1) - 1 tokens
 * @param longest tokens of the longest row
 * @param longestLine line of the first row of that length
 */
public record LengthHistogram(List<Integer> counts, int longest, int longestLine) {
    public LengthHistogram {
        counts = List.copyOf(counts);
    }

    /** One entry for each range that occurs: {@code 64-127: 12}. */
    @Override
    public String toString() {
        List<String> ranges = new ArrayList<>();
        for (int k = 0; k < counts.size(); k++) {
            if (counts.get(k) > 0) {
                ranges.add(String.format(Locale.ROOT, "%d-%d: %d", 1L << k, (2L << k) - 1, counts.get(k)));
            }
        }
        return String.join("  ", ranges);
    }

    /** Collects lengths. */
    static final class Tally {
        private final List<Integer> counts = new ArrayList<>();
        private int longest;
        private int longestLine;

        void add(int length, int line) {
            int k = 31 - Integer.numberOfLeadingZeros(Math.max(length, 1));
            while (counts.size() <= k) {
                counts.add(0);
            }
            counts.set(k, counts.get(k) + 1);
            if (length > longest) {
                longest = length;
                longestLine = line;
            }
        }

        LengthHistogram histogram() {
            return new LengthHistogram(counts, longest, longestLine);
        }
    }
}
