package dev.inlay.training;

import dev.inlay.model.Decoder;
import dev.inlay.model.Past;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What is done with the tokens of a row before the first on which anything trained acts: the frozen model's own
 * computation, which needs no gradient.
 *
 * <ul>
 *   <li>{@link #whole()}: nothing; the whole row is computed and recorded for gradients. The way of others, to compare with.
 *   <li>{@link #fresh()}: they are read without recording, each time anew.
 *   <li>{@link #kept(long)}: what they left is kept, so that later epochs and other runs over the same rows read nothing.
 * </ul>
 *
 * <p>All give the same losses and gradients but for the order of sums in the products. Safe for many threads.
 */
public interface Prefixes extends AutoCloseable {
    /** Whether rows are split at all. */
    default boolean splits() {
        return true;
    }

    /**
     * Keys and values of the beginnings of rows; those of equal beginnings are one object.
     *
     * @param prefixes each with at least one token
     * @return one for each, in their order
     */
    Lease of(Decoder decoder, List<int[]> prefixes);

    @Override
    default void close() {}

    /** Pasts in use: they live until the lease is closed, at least. */
    interface Lease extends AutoCloseable {
        List<Past> pasts();

        @Override
        void close();
    }

    /** Rows are not split. */
    static Prefixes whole() {
        return new Prefixes() {
            @Override
            public boolean splits() {
                return false;
            }

            @Override
            public Lease of(Decoder decoder, List<int[]> prefixes) {
                throw new IllegalStateException("rows are not split");
            }
        };
    }

    /** Beginnings are read anew each time. */
    static Prefixes fresh() {
        return (decoder, prefixes) -> {
            Map<Beginning, Past> read = read(decoder, distinct(prefixes));
            List<Past> pasts = ordered(prefixes, read);
            return lease(pasts, () -> read.values().forEach(Past::close));
        };
    }

    /**
     * Beginnings are kept in memory as long as there is room, first come, first kept.
     *
     * @param bytes most that is kept
     */
    static KeptPrefixes kept(long bytes) {
        return kept(bytes, PastSource.DECODER);
    }

    /**
     * As {@link #kept(long)}, over another source.
     *
     * @param source of beginnings that are not in memory
     */
    static KeptPrefixes kept(long bytes, PastSource source) {
        return new KeptPrefixes(bytes, source);
    }

    /** Tokens, by value. */
    @SuppressWarnings("ArrayRecordComponent") // equals and hashCode are by value
    record Beginning(int[] ids) {
        /** The first tokens of a row, at most all. */
        public static Beginning of(int[] row, int length) {
            return new Beginning(Arrays.copyOf(row, Math.min(length, row.length)));
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Beginning key && Arrays.equals(ids, key.ids);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(ids);
        }
    }

    private static List<int[]> distinct(List<int[]> prefixes) {
        Map<Beginning, int[]> distinct = new LinkedHashMap<>();
        prefixes.forEach(ids -> distinct.putIfAbsent(new Beginning(ids), ids));
        return new ArrayList<>(distinct.values());
    }

    /** Longest first, so that equal lengths are neighbours, which attention computes as one batch. */
    static Map<Beginning, Past> read(Decoder decoder, List<int[]> distinct) {
        if (distinct.isEmpty()) {
            return Map.of();
        }
        List<int[]> sorted = new ArrayList<>(distinct);
        sorted.sort(Collections.reverseOrder((a, b) -> Integer.compare(a.length, b.length)));
        List<Past> pasts = Past.read(decoder, sorted);
        Map<Beginning, Past> read = new HashMap<>();
        for (int i = 0; i < sorted.size(); i++) {
            read.put(new Beginning(sorted.get(i)), pasts.get(i));
        }
        return read;
    }

    private static List<Past> ordered(List<int[]> prefixes, Map<Beginning, Past> known) {
        return prefixes.stream()
                .map(ids -> Objects.requireNonNull(known.get(new Beginning(ids))))
                .toList();
    }

    private static Lease lease(List<Past> pasts, Runnable end) {
        return new Lease() {
            @Override
            public List<Past> pasts() {
                return pasts;
            }

            @Override
            public void close() {
                end.run();
            }
        };
    }
}
