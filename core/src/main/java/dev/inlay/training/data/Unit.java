package dev.inlay.training.data;

/**
 * Ragged rows that one forward and backward pass takes together; rows do not see each other. Arrays are not copied;
 * nobody writes to them.
 *
 * <p>A row ends before its last target: the last target is only a label.
 *
 * @param ids [tokens] the rows' tokens, one row after the other
 * @param lengths [rows] tokens of each row, descending, so that equal ones are neighbours; their sum is the number of ids
 * @param positions [targets] indices into {@code ids} of the positions that carry loss, ascending
 * @param labels [targets] the token that each of these positions should predict
 * @param examples [rows] index of each row's example
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of arrays, never compared
public record Unit(int[] ids, int[] lengths, int[] positions, int[] labels, int[] examples) {

    public int tokens() {
        return ids.length;
    }

    public int targets() {
        return positions.length;
    }
}
