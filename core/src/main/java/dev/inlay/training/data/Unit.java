package dev.inlay.training.data;

import dev.inlay.model.Reading;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Ragged rows that one forward and backward pass takes together; rows do not see each other. Arrays are not copied;
 * nobody writes to them.
 *
 * <p>A row ends before its last target: the last target is only a label.
 *
 * @param rows what each row reads; longest first, so that equal lengths are neighbours
 * @param positions [targets] places in the stream of the rows' tokens that carry loss, ascending
 * @param labels [targets] the token that each of these positions should predict
 * @param examples [rows] index of each row's example
 * @param origins [rows] where each row's example comes from
 * @param recorded how many of the tokens are recorded for gradients
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of arrays, never compared
public record Unit(
        List<Reading> rows, int[] positions, int[] labels, int[] examples, List<Origin> origins, int recorded) {
    public Unit {
        rows = List.copyOf(rows);
        origins = List.copyOf(origins);
    }

    public int tokens() {
        return rows.stream().mapToInt(row -> row.ids().length).sum();
    }

    /** [rows] */
    public int[] lengths() {
        return rows.stream().mapToInt(row -> row.ids().length).toArray();
    }

    /** [tokens], one row after the other. */
    public int[] ids() {
        return rows.stream().flatMapToInt(row -> IntStream.of(row.ids())).toArray();
    }

    public int targets() {
        return positions.length;
    }
}
