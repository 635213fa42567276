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

    private Rows(int[] ids, int[] starts) {
        this.ids = ids;
        this.starts = starts;
    }

    /** @param rows at least one, each with at least one token */
    public static Rows of(List<int[]> rows) {
        InlayException.require(!rows.isEmpty(), "a pass needs at least one row");
        int[] starts = new int[rows.size() + 1];
        for (int i = 0; i < rows.size(); i++) {
            InlayException.require(rows.get(i).length > 0, "row %d has no token; a row needs at least one", i);
            starts[i + 1] = Math.addExact(starts[i], rows.get(i).length);
        }
        int[] ids = new int[starts[rows.size()]];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, ids, starts[i], rows.get(i).length);
        }
        return new Rows(ids, starts);
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
