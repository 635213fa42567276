package dev.inlay.app.experiments.world;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Texts as counts of words, their order forgotten. A word is a run of letters, in small letters. */
final class BagOfWords {
    private final Map<String, Integer> columns = new HashMap<>();

    /** Learns which words there are; others are not counted. */
    BagOfWords(List<String> texts) {
        texts.forEach(text -> words(text).keySet().forEach(word -> columns.putIfAbsent(word, columns.size())));
    }

    /** Counts of the words that are known. */
    Features counts(String text) {
        SortedMap<Integer, Double> counts = new TreeMap<>();
        words(text).forEach((word, count) -> {
            Integer column = columns.get(word);
            if (column != null) {
                counts.put(column, (double) count);
            }
        });
        return new Features(
                counts.keySet().stream().mapToInt(Integer::intValue).toArray(),
                counts.values().stream().mapToDouble(Double::doubleValue).toArray());
    }

    private static Map<String, Integer> words(String text) {
        Map<String, Integer> words = new TreeMap<>();
        for (String word : text.toLowerCase(Locale.ROOT).split("[^a-z]+", -1)) {
            if (!word.isEmpty()) {
                words.merge(word, 1, Integer::sum);
            }
        }
        return words;
    }
}
