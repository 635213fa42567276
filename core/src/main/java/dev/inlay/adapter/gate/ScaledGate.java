package dev.inlay.adapter.gate;

import static dev.inlay.InlayException.require;

import dev.inlay.model.Gate;
import dev.inlay.model.Reading;
import dev.inlay.model.Segments;

/**
 * Another gate, so many times as strong.
 *
 * @param factor finite
 */
public record ScaledGate(Gate inner, double factor) implements Gate {
    public ScaledGate {
        require(Double.isFinite(factor), "the strength of a gate must be finite, was %s", factor);
    }

    @Override
    public Segments over(Reading row) {
        return inner.over(row).times(factor);
    }

    @Override
    public String toString() {
        return factor + " times (" + inner + ")";
    }
}
