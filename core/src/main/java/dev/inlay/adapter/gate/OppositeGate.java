package dev.inlay.adapter.gate;

import dev.inlay.model.Gate;
import dev.inlay.model.Reading;
import dev.inlay.model.Segments;
import java.util.ArrayList;
import java.util.List;

/** Open where another gate is closed, and the other way round: 1 - g. An adapter of the prefix alone has one. */
public record OppositeGate(Gate inner) implements Gate {
    @Override
    public Segments over(Reading row) {
        Segments closed = inner.over(row);
        List<Segments.Run> runs = new ArrayList<>();
        if (closed.at(0) != 1) {
            runs.add(new Segments.Run(0, 1 - closed.at(0)));
        }
        closed.runs().stream()
                .filter(run -> run.start() > 0)
                .forEach(run -> runs.add(new Segments.Run(run.start(), 1 - run.strength())));
        return new Segments(runs);
    }

    @Override
    public String toString() {
        return "the opposite of (" + inner + ")";
    }
}
