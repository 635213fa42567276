package dev.inlay.training;

import dev.inlay.InlayException;
import dev.inlay.adapter.Parts;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Randomness;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.training.data.Step;
import dev.inlay.training.data.Unit;
import dev.inlay.training.data.Units;
import java.util.List;

/**
 * Learns an adapter on a frozen decoder.
 *
 * <p>The loss of a step is the sum over its targets divided by their number, so splitting a step into units never changes
 * it. Workers run the units' forward and backward passes; gradients are added in the order of units. The same settings
 * give the same bytes for any number of threads, and a resumed run those of an uninterrupted one.
 */
public final class Trainer implements AutoCloseable {
    private final Decoder decoder;
    private final Parameters parameters;
    private final Optimiser optimiser;
    private final Workers workers;
    private final TrainingOptions options;
    private Progress progress = Progress.START;
    private volatile boolean stopRequested;

    public Trainer(Decoder decoder, Parameters parameters, TrainingOptions options, Workers workers) {
        requireWholeInputs(parameters, options);
        this.decoder = decoder;
        this.parameters = parameters;
        this.options = options;
        this.workers = workers;
        this.optimiser = new Optimiser(parameters, options.optimiser(), options.upRatio());
    }

    /** What scales a map's own product would have to compute it again on the thinned input, as PEFT does. */
    private static void requireWholeInputs(Parameters parameters, TrainingOptions options) {
        if (options.dropout() > 0 && parameters.parts().plain().isEmpty()) {
            throw InlayException.usage("dropout is %s, and DoRA is trained without; set it to 0", options.dropout());
        }
    }

    public Progress progress() {
        return progress;
    }

    public Optimiser optimiser() {
        return optimiser;
    }

    public Parameters parameters() {
        return parameters;
    }

    /** Continues where another run stood; its values and moments have been copied in. */
    public void resume(Progress stood) {
        progress = stood;
        optimiser.resume(stood.step());
    }

    /** Ends the run after the current step, with a checkpoint; safe from any thread. */
    public void requestStop() {
        stopRequested = true;
    }

    /**
     * Runs the remaining steps.
     *
     * @param evaluation units to evaluate on, or none
     * @return where the run stands at its end, by the last step, early stopping or a requested stop
     * @throws InlayException if a loss or gradient is not finite; nothing is changed by that step
     */
    public Progress fit(Units units, List<Unit> evaluation, TrainingListener listener) {
        boolean finished = progress.step() >= options.steps() || isStale();
        while (!finished && !stopRequested) {
            int step = progress.step() + 1;
            listener.stepped(step(units.step(step - 1L)));
            if (step == 1) {
                warnOfStillFactors(listener);
            }
            boolean last = step == options.steps();
            if (!evaluation.isEmpty() && (last || isDue(options.evaluateEvery(), step))) {
                evaluate(evaluation, listener);
            }
            finished = last || isStale();
            if (finished || stopRequested || isDue(options.checkpointEvery(), step)) {
                listener.checkpoint(progress);
            }
        }
        return progress;
    }

    private boolean isStale() {
        return options.patience() > 0 && progress.stale() >= options.patience();
    }

    private static boolean isDue(int every, int step) {
        return every > 0 && step % every == 0;
    }

    private void evaluate(List<Unit> units, TrainingListener listener) {
        Evaluation.Result result = new Evaluation(decoder, workers).of(units, parameters.parts());
        progress = progress.evaluated(result.loss());
        listener.evaluated(result, progress);
    }

    /** Takes one step on the units of {@code work}. */
    public StepReport step(Step work) {
        long began = System.nanoTime();
        int number = progress.step() + 1;
        int targets = work.targets();
        double rate = options.learningRate() * options.schedule().factor(number);
        double norm;
        double loss;
        try (Scope scope = Scope.open()) {
            List<Unit> units = work.units();
            List<List<Tensor>> results =
                    workers.map(units.size(), i -> gradient(units.get(i), number, 1.0 / targets, seed(number, i)));
            Tensor gradient = Tensor.zeros(DType.FLOAT32, Device.CPU, parameters.count());
            double sum = 0;
            for (List<Tensor> result : results) {
                gradient.add(result.get(0));
                sum += result.get(1).item();
            }
            loss = sum / targets;
            norm = gradient.norm();
            if (!Double.isFinite(norm)) {
                throw InlayException.diverged(
                        "step %d: the gradient is not finite while the loss is %.4f; lower the learning rate",
                        number, loss);
            }
            gradient.multiply(Math.min(1, options.clip() / (norm + 1e-6)));
            optimiser.step(gradient, rate);
        }
        progress = progress.after(number, work.tokens(), targets, loss);
        double seconds = (System.nanoTime() - began) / 1e9;
        return new StepReport(number, work.epoch(), loss, rate, norm, work.tokens(), targets, seconds);
    }

    private long seed(int step, int unit) {
        return Randomness.derive(options.dropoutSeed(), step, unit);
    }

    /** Gradient of the unit's share of the loss [count], and the sum of its losses. */
    private List<Tensor> gradient(Unit unit, int step, double weight, long seed) {
        Parts leaves = parameters
                .parts()
                .mapTensors(tensor -> tensor.to(decoder.device()).asLeaf());
        Pass pass = Pass.over(UnitLoss.rows(unit), trained(leaves, seed));
        Tensor hidden = options.memory() == TrainingOptions.Memory.RECOMPUTE
                ? decoder.hiddenRecomputing(pass)
                : decoder.hidden(pass);
        double[] losses = new UnitLoss(decoder).backward(hidden, unit, pass, weight);
        double sum = 0;
        for (int i = 0; i < losses.length; i++) {
            if (!Double.isFinite(losses[i])) {
                int example = unit.examples()[UnitLoss.rowOf(unit, unit.positions()[i])];
                throw InlayException.diverged(
                        "step %d: the loss of training row %d is %s; lower the learning rate or use bfloat16 or float32",
                        step, example + 1, losses[i]);
            }
            sum += losses[i];
        }
        return List.of(Parameters.gradient(leaves).to(Device.CPU), Tensor.of(new double[] {sum}, 1));
    }

    private List<Intervention> trained(Parts leaves, long seed) {
        List<Intervention> whole = leaves.on(decoder);
        return options.dropout() == 0
                ? whole
                : whole.stream()
                        .<Intervention>map(each -> new Dropping(each, options.dropout(), seed))
                        .toList();
    }

    /** A factor that the first step did not move never will: nothing reads it, or nothing flows to it. */
    private void warnOfStillFactors(TrainingListener listener) {
        try (Scope scope = Scope.open()) {
            parameters.parts().factors().forEach((site, factor) -> {
                if (factor.up().maxAbs() == 0) {
                    listener.warned(
                            "the adapter on " + site + " did not move in the first step: no gradient reaches it");
                }
            });
        }
    }

    @Override
    public void close() {
        optimiser.close();
    }
}
