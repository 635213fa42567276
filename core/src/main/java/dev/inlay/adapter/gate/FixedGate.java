package dev.inlay.adapter.gate;

import dev.inlay.model.Gate;
import dev.inlay.model.Reading;
import dev.inlay.model.Segments;

/** The same positions in every row: closed everywhere, open from one on, a mask. */
public record FixedGate(Segments segments) implements Gate {
    @Override
    public Segments over(Reading row) {
        return segments;
    }

    @Override
    public String toString() {
        return segments.toString();
    }
}
