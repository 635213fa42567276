package dev.inlay.training.data;

import java.util.List;

/**
 * The work of one optimiser step.
 *
 * @param index from 0, over all epochs
 * @param epoch from 0
 */
public record Step(long index, int epoch, List<Unit> units) {
    public Step {
        units = List.copyOf(units);
    }

    /** Divides the sum of the token losses of all units. */
    public int targets() {
        return units.stream().mapToInt(Unit::targets).sum();
    }

    public int tokens() {
        return units.stream().mapToInt(Unit::tokens).sum();
    }
}
