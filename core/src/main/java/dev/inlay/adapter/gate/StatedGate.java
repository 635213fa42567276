package dev.inlay.adapter.gate;

import dev.inlay.InlayException;
import dev.inlay.model.Gate;
import dev.inlay.model.Reading;
import dev.inlay.model.Segments;

/** Open where the row itself says so: an index or a whole mask, given by the caller for each row. */
public record StatedGate() implements Gate {
    @Override
    public Segments over(Reading row) {
        return row.statedSegments()
                .orElseThrow(() -> InlayException.usage(
                        "the gate is stated row by row, and this row does not say where it is open; give rows of ids"
                                + " with open (inlay generate --prompts reads them), or a Reading with segments"));
    }

    @Override
    public String toString() {
        return "stated by each row";
    }
}
