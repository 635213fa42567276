package dev.inlay.model;

import dev.inlay.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The first tokens of a {@link Past} that rows share.
 *
 * @param length at least 1, at most that of the past
 */
record Link(Past past, int length) {
    /** Keys and values of these tokens; views. */
    Past.Layer layer(int layer) {
        Past.Layer whole = past.layers().get(layer);
        return length == past.length() ? whole : new Past.Layer(first(whole.keys()), first(whole.values()));
    }

    private Tensor first(Tensor rows) {
        return rows.narrow(0, 0, length);
    }

    /** Whether both are the same memory. */
    @SuppressWarnings("ReferenceEquality") // equal values elsewhere are not the same memory
    boolean isSame(Link other) {
        return past == other.past && length == other.length;
    }

    /** What of these links so many tokens need. */
    static List<Link> first(List<Link> links, int tokens) {
        List<Link> needed = new ArrayList<>();
        int left = tokens;
        for (Link link : links) {
            int some = Math.min(left, link.length);
            if (some > 0) {
                needed.add(new Link(link.past, some));
            }
            left -= some;
        }
        return List.copyOf(needed);
    }
}
