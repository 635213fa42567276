package dev.inlay.adapter.gate;

import static dev.inlay.InlayException.require;

import dev.inlay.engine.Randomness;
import dev.inlay.model.Gate;
import dev.inlay.model.Reading;
import dev.inlay.model.Segments;
import java.util.Arrays;

/**
 * Open everywhere for a share of the rows, and as another gate says for the others: an adapter that is trained so learns to
 * act both with its mask and without. What a row gets is decided by its given tokens, so it is the same in every pass.
 *
 * @param open share of the rows for which it is open everywhere, from 0 to 1
 */
public record RandomGate(Gate inner, double open, long seed) implements Gate {
    private static final double RANGE = 0x1p53;

    public RandomGate {
        require(open >= 0 && open <= 1, "the share of rows with an open gate lies between 0 and 1, was %s", open);
    }

    @Override
    public Segments over(Reading row) {
        long[] ids = Arrays.stream(row.givenIds()).asLongStream().toArray();
        long drawn = Randomness.derive(seed, ids);
        return (drawn >>> 11) / RANGE < open ? Segments.OPEN : inner.over(row);
    }

    @Override
    public String toString() {
        return "open for " + open + " of the rows, else (" + inner + ")";
    }
}
