package dev.inlay.adapter.gate;

import dev.inlay.model.Gate;
import dev.inlay.model.Reading;
import dev.inlay.model.Segments;

/**
 * Open from the response on: no trigger is needed, what was given says where.
 *
 * @param edge the first open token
 */
public record ResponseGate(Edge edge) implements Gate {
    /** The first open token. */
    public enum Edge {
        /** The last one given, which predicts the response's first: the layouts hp and up of split personalities. */
        LAST_INSTRUCTION_TOKEN,
        /** The response's first, which a closed token predicts. */
        AT_RESPONSE_START
    }

    @Override
    public Segments over(Reading row) {
        int start = edge == Edge.AT_RESPONSE_START ? row.given() : Math.max(0, row.given() - 1);
        return Segments.from(start);
    }

    @Override
    public String toString() {
        return edge == Edge.AT_RESPONSE_START
                ? "open from the response's first token"
                : "open from the last given token";
    }
}
