package dev.inlay.model;

import dev.inlay.InlayException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What runs through a decoder once: tokens, the history that they continue, and who intervenes.
 *
 * <p>Positions are absolute: a row that continues {@code n} cached tokens starts at position n.
 */
public final class Pass {
    private final Rows rows;
    private final @Nullable KvCache cache;
    private final List<Intervention> interventions;
    private final Set<Stream> watched;

    private Pass(Rows rows, @Nullable KvCache cache, List<? extends Intervention> interventions) {
        this.rows = rows;
        this.cache = cache;
        this.interventions = List.copyOf(interventions);
        this.watched = EnumSet.noneOf(Stream.class);
        interventions.forEach(intervention -> watched.addAll(intervention.streams()));
    }

    /** A pass over whole rows, from position 0. */
    public static Pass over(Rows rows, List<? extends Intervention> interventions) {
        return new Pass(rows, null, interventions);
    }

    /** A pass over whole rows of the bare model. */
    public static Pass over(Rows rows) {
        return over(rows, List.of());
    }

    /** A pass that continues the rows of a cache and leaves its own keys and values there. */
    public static Pass continuing(KvCache cache, Rows rows, List<? extends Intervention> interventions) {
        InlayException.require(
                cache.rows() == rows.count(), "the cache holds %d rows, the pass has %d", cache.rows(), rows.count());
        return new Pass(rows, cache, interventions);
    }

    public Rows rows() {
        return rows;
    }

    public @Nullable KvCache cache() {
        return cache;
    }

    public List<Intervention> interventions() {
        return interventions;
    }

    /** Position of a row's first token of this pass. */
    public int firstPosition(int row) {
        return cache == null ? 0 : cache.length(row);
    }

    /** Length that a row was said to become; 0 if nothing was said. */
    int expected(int row) {
        return cache == null ? 0 : cache.expected(row);
    }

    /** Position of every token of the stream, [tokens]. */
    public int[] positions() {
        int[] positions = new int[rows.tokens()];
        for (int row = 0; row < rows.count(); row++) {
            for (int i = 0; i < rows.length(row); i++) {
                positions[rows.start(row) + i] = firstPosition(row) + i;
            }
        }
        return positions;
    }

    /** Whether somebody wants to see a stream. */
    boolean watches(Stream stream) {
        return watched.contains(stream);
    }
}
