package dev.inlay.training;

import dev.inlay.InlayException;
import dev.inlay.adapter.Parts;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.training.data.Origin;
import dev.inlay.training.data.Unit;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/** Loss of a decoder on examples, without gradients. */
public final class Evaluation {
    private final Decoder decoder;
    private final Workers workers;
    private final Prefixes prefixes;
    private final LongConsumer progress;

    public Evaluation(Decoder decoder, Workers workers) {
        this(decoder, workers, Prefixes.whole());
    }

    /** @param prefixes what is done with the tokens before the first on which an intervention acts; lent */
    public Evaluation(Decoder decoder, Workers workers, Prefixes prefixes) {
        this(decoder, workers, prefixes, more -> {});
    }

    private Evaluation(Decoder decoder, Workers workers, Prefixes prefixes, LongConsumer progress) {
        this.decoder = decoder;
        this.workers = workers;
        this.prefixes = prefixes;
        this.progress = progress;
    }

    /** @param other is told of each unit that is done, 1 each time, on the worker's thread */
    public Evaluation withProgress(LongConsumer other) {
        return new Evaluation(decoder, workers, prefixes, other);
    }

    /**
     * @param loss sum over all targets divided by their number, in nats
     * @param targets number of targets
     * @param rows loss and targets of each example, by its index
     */
    public record Result(double loss, long targets, List<RowLoss> rows) {
        public double perplexity() {
            return Math.exp(loss);
        }
    }

    /** Mean loss per target of one example, in nats. */
    public record RowLoss(int example, double loss, int targets) {}

    /**
     * @param units all examples once, at least one target in all
     * @throws InlayException if a loss is not finite; an average must not hide it
     */
    public Result of(List<Unit> units, List<? extends Intervention> interventions) {
        int examples = 1
                + units.stream()
                        .flatMapToInt(unit -> Arrays.stream(unit.examples()))
                        .max()
                        .orElse(-1);
        double[] sums = new double[examples];
        int[] targets = new int[examples];
        Origin[] origins = new Origin[examples];
        try (Scope scope = Scope.open()) {
            workers.map(units.size(), i -> {
                Unit unit = units.get(i);
                double[] losses = losses(unit, interventions);
                for (int t = 0; t < losses.length; t++) {
                    int row = UnitLoss.rowOf(unit, unit.positions()[t]);
                    int example = unit.examples()[row];
                    origins[example] = unit.origins().get(row);
                    sums[example] += losses[t];
                    targets[example]++;
                }
                progress.accept(1);
                return List.of();
            });
        }
        return summary(sums, targets, origins);
    }

    /** As {@link #of(List, List)}, with all of an adapter. */
    public Result of(List<Unit> units, Parts parts) {
        try (Scope scope = Scope.open()) {
            return of(units, parts.on(decoder));
        }
    }

    /** As {@link #of(List, List)}, with the decoder and the interventions that values as they stand make. */
    public Result of(List<Unit> units, Trainable trained) {
        try (Scope scope = Scope.open()) {
            Trainable.Model model = trained.with(decoder, trained.tensors(decoder.device()));
            Prefixes usable = model.frozen() ? prefixes : Prefixes.whole();
            return new Evaluation(model.decoder(), workers, usable, progress).of(units, model.interventions());
        }
    }

    private double[] losses(Unit unit, List<? extends Intervention> interventions) {
        int[] begins = new Trainable.Model(decoder, interventions, true).begins(unit.rows());
        try (UnitPass split = UnitPass.of(decoder, unit, begins, interventions, prefixes)) {
            Tensor hidden = decoder.hidden(split.pass());
            return new UnitLoss(decoder).perTarget(hidden, split.unit(), split.pass());
        }
    }

    private static Result summary(double[] sums, int[] targets, Origin[] origins) {
        double sum = 0;
        long count = 0;
        RowLoss[] rows = new RowLoss[sums.length];
        for (int i = 0; i < sums.length; i++) {
            if (!Double.isFinite(sums[i])) {
                throw InlayException.diverged(
                        "the loss of %s is %s in the evaluation; use bfloat16 or float32, or train with a lower rate",
                        origins[i], sums[i]);
            }
            rows[i] = new RowLoss(i, sums[i] / targets[i], targets[i]);
            sum += sums[i];
            count += targets[i];
        }
        if (count == 0) {
            throw InlayException.data("no token to evaluate on: every example is empty or all of it is prompt");
        }
        return new Result(sum / count, count, List.of(rows));
    }
}
