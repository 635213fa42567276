package dev.inlay.training.data;

import static dev.inlay.InlayException.require;

import dev.inlay.model.Reading;
import dev.inlay.model.Segments;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One sequence to learn from: token ids and the loss mask.
 *
 * <p>The loss mask is a set of target tokens: position i carries loss if and only if token i+1 is a target. Nothing
 * precedes token 0, so it never is one. Arrays are not copied; nobody writes to them.
 *
 * @param ids [tokens]
 * @param target [tokens]
 * @param origin the row it comes from
 * @param segments where the row itself says that gates are open; null where their rules decide
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of arrays, never compared
public record Example(
        int[] ids,
        boolean[] target,
        Origin origin,
        @Nullable Segments segments) {
    /** A row of no file that says nothing of gates. */
    public Example(int[] ids, boolean[] target, int line) {
        this(ids, target, line, null);
    }

    /** A row of no file. */
    public Example(int[] ids, boolean[] target, int line, @Nullable Segments segments) {
        this(ids, target, new Origin("", line, ""), segments);
    }

    public Example {
        require(ids.length == target.length, "%d ids but %d target marks", ids.length, target.length);
        require(ids.length == 0 || !target[0], "token 0 cannot be a target: nothing precedes it");
    }

    /** Of the row in its file. */
    public int line() {
        return origin.line();
    }

    /** The same tokens, of this row. */
    Example from(Origin row) {
        return new Example(ids, target, row, segments);
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

    /** What a forward pass sees of it: {@link #inputs} tokens, of which {@link #given} precede the response. */
    public Reading reading() {
        int inputs = inputs();
        return new Reading(Arrays.copyOf(ids, inputs), Math.min(given(), inputs), segments);
    }

    /**
     * Tokens that precede the response: all before the last run of targets. Where everything is learned there is no
     * response, and all is given.
     */
    public int given() {
        int start = lastRun();
        return start <= 1 ? ids.length : start;
    }

    /**
     * Tokens of a forward pass from the first on that acts or carries loss: those before need no gradient.
     *
     * @param begins first position at which anything acts
     */
    public int inputsFrom(int begins) {
        int inputs = inputs();
        int first = 0;
        while (first < inputs && !target[first + 1]) {
            first++;
        }
        return inputs - Math.min(Math.min(begins, first), Math.max(inputs - 1, 0));
    }

    /** The same example, of which only the last response is learned. */
    public Example lastResponse() {
        boolean[] last = target.clone();
        Arrays.fill(last, 0, lastRun(), false);
        return new Example(ids, last, origin, segments);
    }

    /** Where the last run of targets starts; 0 if there is no target. */
    private int lastRun() {
        int start = target.length;
        while (start > 0 && !target[start - 1]) {
            start--;
        }
        while (start > 0 && target[start - 1]) {
            start--;
        }
        return start;
    }
}
