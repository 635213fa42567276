package dev.inlay.model.generation;

import dev.inlay.model.Segments;
import java.util.List;

/**
 * What a session holds and what it took to make it, in rows: the keys and values of one token in all layers.
 *
 * @param rows it holds
 * @param reused of them, made by another session and shared with it
 * @param fresh read for the first time, those later taken back included
 * @param recomputed read again: because a gate opened over them, to return to the base, or for the next token's sake
 * @param untainted how many from the first on no adapter had a part in
 * @param voices that were given, and where they are open
 * @param savedFlops what the reused rows would have cost: 2 N + 4 d L keys for each, with N weights of all linear maps but
 *     the head, d the width of queries and L layers
 */
public record SessionReport(
        int rows, int reused, long fresh, long recomputed, int untainted, List<Part> voices, double savedFlops) {
    /** Where a voice is open; {@link Segments#CLOSED} where its rule found nothing to open it. */
    public record Part(String content, Segments segments) {}

    public SessionReport {
        voices = List.copyOf(voices);
    }

    /** Whether an adapter had a part in some row. */
    public boolean isTainted() {
        return untainted < rows;
    }
}
