package dev.inlay.training.data;

import static dev.inlay.InlayException.require;

/**
 * One sequence to learn from: token ids and the loss mask.
 *
 * <p>The loss mask is a set of target tokens: position i carries loss if and only if token i+1 is a target. Nothing
 * precedes token 0, so it never is one. Arrays are not copied; nobody writes to them.
 *
 * @param ids [tokens]
 * @param target [tokens]
 * @param line of the row in its file
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of arrays, never compared
public record Example(int[] ids, boolean[] target, int line) {
    public Example {
        require(ids.length == target.length, "%d ids but %d target marks", ids.length, target.length);
        require(ids.length == 0 || !target[0], "token 0 cannot be a target: nothing precedes it");
    }

    public int length() {
        return ids.length;
    }

    /** How many tokens are targets. */
    public int targets() {
        int count = 0;
        for (boolean each : target) {
            count += each ? 1 : 0;
        }
        return count;
    }

    /**
     * Tokens that a forward pass must see: all before the last target. The last target is only a label, and what follows
     * it bears on no loss.
     */
    public int inputs() {
        int last = target.length - 1;
        while (last >= 0 && !target[last]) {
            last--;
        }
        return Math.max(last, 0);
    }
}
