package dev.inlay.model.generation;

import dev.inlay.model.Segments;
import dev.inlay.model.files.Fingerprint;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where each row of keys and values comes from: a hash of the base, of all tokens up to it, and, at each of them, of the
 * content and strength of every adapter that acted. Rows with equal keys are equal.
 */
final class RowKeys {
    private RowKeys() {}

    /** @param segments of the voices, in their order */
    static List<String> of(String base, int[] ids, List<Voice> voices, List<Segments> segments) {
        List<String> keys = new ArrayList<>();
        String before = base;
        for (int i = 0; i < ids.length; i++) {
            before = Fingerprint.sha256(before + "\n" + ids[i] + "\n" + acting(i, voices, segments));
            keys.add(before);
        }
        return keys;
    }

    /** Changes add, so their order does not matter, and one that acts twice acts with the sum. */
    private static SortedMap<String, Double> acting(int position, List<Voice> voices, List<Segments> segments) {
        SortedMap<String, Double> acting = new TreeMap<>();
        for (int i = 0; i < voices.size(); i++) {
            double strength = segments.get(i).at(position);
            if (strength != 0) {
                acting.merge(voices.get(i).content(), strength, Double::sum);
            }
        }
        return acting;
    }
}
