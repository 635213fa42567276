package dev.inlay.model;

import dev.inlay.InlayException;
import java.util.Arrays;
import java.util.List;

/**
 * Token sequences of any lengths, one after the other in one flat stream. There is no padding: linear maps see the
 * stream, attention sees each row by itself.
 */
public final class Rows {
    private final int[] ids;
    private final int[] starts;
    private final List<Reading> readings;

    private Rows(int[] ids, int[] starts, List<Reading> readings) {
        this.ids = ids;
        this.starts = starts;
        this.readings = readings;
    }

    /** @param rows at least one, each with at least one token */
    public static Rows of(List<int[]> rows) {
        return reading(rows.stream().map(Reading::of).toList());
    }

    /** Whole rows of which not everything was given. */
    public static Rows reading(List<Reading> rows) {
        InlayException.require(!rows.isEmpty(), "a pass needs at least one row");
        int[] starts = new int[rows.size() + 1];
        for (int i = 0; i < rows.size(); i++) {
            int length = rows.get(i).ids().length;
            InlayException.require(length > 0, "row %d has no token; a row needs at least one", i);
            starts[i + 1] = Math.addExact(starts[i], length);
        }
        int[] ids = new int[starts[rows.size()]];
        for (int i = 0; i < rows.size(); i++) {
            int[] row = rows.get(i).ids();
            System.arraycopy(row, 0, ids, starts[i], row.length);
        }
        return new Rows(ids, starts, List.copyOf(rows));
    }

    public static Rows of(int[]... rows) {
        return of(Arrays.asList(rows));
    }

    /** Number of rows. */
    public int count() {
        return starts.length - 1;
    }

    /** Number of tokens of all rows. */
    public int tokens() {
        return ids.length;
    }

    /** Place of a row's first token in the stream. */
    public int start(int row) {
        return starts[row];
    }

    public int length(int row) {
        return starts[row + 1] - starts[row];
    }

    /** What a row reads, if this is all that it reads. */
    public Reading reading(int row) {
        return readings.get(row);
    }

    /** The row in which a token of the stream lies. */
    public int rowOf(int place) {
        int found = Arrays.binarySearch(starts, place);
        return found >= 0 ? found : -found - 2;
    }

    /** The stream of ids; a copy. */
    public int[] ids() {
        return ids.clone();
    }

    /** One row's ids; a copy. */
    public int[] row(int row) {
        return Arrays.copyOfRange(ids, starts[row], starts[row + 1]);
    }
}
