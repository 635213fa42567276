package dev.inlay.training.run;

import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.training.Evaluation;
import dev.inlay.training.Trainable;
import dev.inlay.training.data.Unit;
import dev.inlay.training.data.Units;
import java.util.List;

/**
 * A few rows whose loss tells whether a resumed run is the one that was saved: values that were silently begun anew,
 * another base or another build have another loss.
 *
 * @param units at least one target in all
 */
public record Probe(Evaluation evaluation, List<Unit> units) {
    public Probe {
        units = List.copyOf(units);
    }

    /** The smallest unit of the first step. */
    public static Probe of(Decoder decoder, Workers workers, Units units) {
        List<Unit> first = units.step(0).units();
        return new Probe(new Evaluation(decoder, workers), first.subList(first.size() - 1, first.size()));
    }

    /** Mean loss per target with the values as they stand, in nats. */
    double loss(Trainable trained) {
        return evaluation.of(units, trained).loss();
    }
}
