package dev.inlay.model;

import dev.inlay.engine.Tensor;
import java.util.List;

/**
 * What the rows of a pass continue: keys and values of the tokens before, and what else was decided for the rows. {@link
 * KvCache} grows with every pass, {@link Pasts} stay as they are.
 */
public sealed interface History permits KvCache, Pasts, PastRecorder {
    /** Number of rows. */
    int rows();

    /** Tokens that a row has read. */
    int length(int row);

    /** The length that a row is known to become, or its own, if that is more. */
    int expected(int row);

    /** Where a gate is open in a row. */
    Segments segments(Gate gate, int row);

    /** Whether a row that goes on to this length keeps to the frequencies by which its keys were turned (longrope). */
    boolean holds(RotaryFrequencies frequencies, int row, int length);

    /** Makes room before a pass. */
    void reserve(Rows next);

    /**
     * Takes the pass's keys and values of one layer and row.
     *
     * @param k [queries, kv_heads, head_dim]
     * @return keys [keys, kv_heads, head_dim] and values, of the whole history with this pass; without its {@link #links}
     */
    List<Tensor> extend(int layer, int row, Tensor k, Tensor v);

    /** What a row has read together with others, from its first token on. */
    default List<Link> links(int row) {
        return List.of();
    }

    /** Counts the pass's tokens as read. */
    void advance(Rows read);
}
