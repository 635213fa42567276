package dev.inlay.model;

import static dev.inlay.InlayException.require;

import dev.inlay.engine.Tensor;
import java.util.List;

/**
 * The history of rows that each go on from a {@link Past}; several may share one. A pass leaves nothing in it, so passes
 * of several threads may go on from the same.
 *
 * @param readings what each row reads, from its first token on
 */
public record Pasts(List<Past> pasts, List<Reading> readings) implements History {
    public Pasts {
        pasts = List.copyOf(pasts);
        readings = List.copyOf(readings);
        require(pasts.size() == readings.size(), "%d beginnings of rows for %d rows", pasts.size(), readings.size());
    }

    @Override
    public int rows() {
        return pasts.size();
    }

    @Override
    public int length(int row) {
        return pasts.get(row).length();
    }

    @Override
    public int expected(int row) {
        return readings.get(row).ids().length;
    }

    @Override
    public Segments segments(Gate gate, int row) {
        return gate.over(readings.get(row));
    }

    /** A past is read as a row of its own length. */
    @Override
    public boolean holds(RotaryFrequencies frequencies, int row, int length) {
        return length(row) == 0
                || frequencies.forLength(length(row)) == frequencies.forLength(Math.max(length, expected(row)));
    }

    @Override
    public void reserve(Rows next) {}

    @Override
    public List<Tensor> extend(int layer, int row, Tensor k, Tensor v) {
        if (length(row) == 0) {
            return List.of(k, v);
        }
        Past.Layer past = pasts.get(row).layers().get(layer);
        return List.of(Tensor.concat(0, List.of(past.keys(), k)), Tensor.concat(0, List.of(past.values(), v)));
    }

    @Override
    public void advance(Rows read) {}
}
