package dev.inlay.training;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Randomness;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.training.data.Origin;
import dev.inlay.training.data.Step;
import dev.inlay.training.data.Unit;
import dev.inlay.training.data.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Learns an adapter on a frozen decoder, or all weights of one.
 *
 * <p>The loss of a step is the sum over its targets divided by their number, so splitting a step into units never changes
 * it. Workers run the units' forward and backward passes; gradients are added in the order of units. The same settings
 * give the same bytes for any number of threads, and a resumed run those of an uninterrupted one.
 */
public final class Trainer implements AutoCloseable {
    private static final String REMEDY =
            "lower the learning rate or the adapter's alpha, or compute in bfloat16 or float32";

    private final Decoder decoder;
    private final Trainable trained;
    private final Optimiser optimiser;
    private final Workers workers;
    private final TrainingOptions options;
    private final Prefixes prefixes;
    private Progress progress = Progress.START;
    /** Whether any step has had a gradient. */
    private boolean moved;

    private volatile boolean stopRequested;

    /** @param decoder the frozen one, or whose architecture computes with the weights that are trained */
    public Trainer(Decoder decoder, Trainable trained, TrainingOptions options, Workers workers) {
        this(decoder, trained, options, workers, Prefixes.fresh());
    }

    /** @param prefixes what is done with the tokens before the first on which an adapter acts; lent */
    public Trainer(Decoder decoder, Trainable trained, TrainingOptions options, Workers workers, Prefixes prefixes) {
        trained.check(options);
        this.decoder = decoder;
        this.trained = trained;
        this.options = options;
        this.workers = workers;
        this.prefixes = prefixes;
        this.optimiser = new Optimiser(trained.values(), trained.slices(options), options.optimiser());
    }

    public Progress progress() {
        return progress;
    }

    public Optimiser optimiser() {
        return optimiser;
    }

    public Trainable trained() {
        return trained;
    }

    /** Checksum of the weights that training leaves alone as they are now; empty where it moves all of them. */
    public Optional<String> frozen() {
        try (Scope scope = Scope.open()) {
            Trainable.Model model = trained.with(decoder, trained.tensors(decoder.device()));
            return model.frozen() ? Optional.of(decoder.checksum()) : Optional.empty();
        }
    }

    /** Continues where another run stood; its values and moments have been copied in. */
    public void resume(Progress stood) {
        progress = stood;
        optimiser.resume(stood.step());
        moved = optimiser.mean().maxAbs() > 0;
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
     * @throws InlayException if a loss or gradient is not finite, or nothing that is trained has one; nothing is changed by
     *     that step
     */
    public Progress fit(Units units, List<Unit> evaluation, TrainingListener listener) {
        boolean finished = progress.step() >= options.steps() || isStale();
        while (!finished && !stopRequested) {
            int step = progress.step() + 1;
            boolean still = !moved;
            listener.stepped(step(units.step(step - 1L)));
            if (still && moved) {
                trained.unmoved().forEach(listener::warned);
            }
            if (!moved && step >= units.stepsPerEpoch()) {
                throw unmoving(step, progress.lastLoss());
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
        Evaluation.Result result = new Evaluation(decoder, workers, prefixes).of(units, trained);
        progress = progress.evaluated(result.loss());
        listener.evaluated(result, progress);
    }

    /**
     * Takes one step on the units of {@code work}.
     *
     * @throws InlayException as {@link #fit}
     */
    public StepReport step(Step work) {
        long began = System.nanoTime();
        int number = progress.step() + 1;
        int targets = work.targets();
        double rate = options.learningRate() * options.schedule().factor(number);
        double norm;
        double loss;
        try (Scope scope = Scope.open()) {
            List<Tensor> tensors = trained.tensors(decoder.device());
            List<List<Tensor>> results = workers.map(work.units().size(), i -> gradient(work, i, tensors));
            Tensor gradient = Tensor.zeros(DType.FLOAT32, Device.CPU, trained.count());
            double sum = 0;
            for (List<Tensor> result : results) {
                gradient.add(result.get(0));
                sum += result.get(1).item();
            }
            loss = sum / targets;
            norm = gradient.norm();
            if (!Double.isFinite(norm)) {
                throw InlayException.diverged(
                        "step %d: the gradient is not finite while the loss is %.4f (%s); %s",
                        number, loss, Origin.places(suspects(work, results)), REMEDY);
            }
            moved = moved || gradient.maxAbs() > 0;
            if (!moved && reaches(work, tensors)) {
                throw unmoving(number, loss);
            }
            gradient.multiply(Math.min(1, options.clip() / (norm + 1e-6)));
            optimiser.step(gradient, rate);
        }
        progress = progress.after(number, work.tokens(), targets, loss);
        double seconds = (System.nanoTime() - began) / 1e9;
        return new StepReport(number, work.epoch(), loss, rate, norm, work.tokens(), targets, seconds);
    }

    /** Whether what is trained acts in a row of the step at all; where a gate leaves it out, later rows may have it. */
    private boolean reaches(Step work, List<Tensor> tensors) {
        Trainable.Model model = trained.with(decoder, tensors);
        return work.units().stream().map(Unit::rows).anyMatch(rows -> {
            int[] begins = model.begins(rows);
            return IntStream.range(0, begins.length)
                    .anyMatch(row -> begins[row] < rows.get(row).ids().length);
        });
    }

    /** A run without any gradient would end as a success that learned nothing. */
    private static InlayException unmoving(int step, double loss) {
        return InlayException.diverged(
                "step %d: every gradient is exactly 0 at a loss of %.4f, so nothing would be trained; either no trained map"
                        + " bears on a target (look at gate and targets with inlay check-mask, or take other --targets or"
                        + " --layers), or its gradient vanishes (both factors of each change are 0, the loss is 0,"
                        + " or float16 is too narrow)",
                step, loss);
    }

    /** The rows of the units whose own gradients have no finite norm; all rows where only the sum has none. */
    private static List<Origin> suspects(Step work, List<List<Tensor>> results) {
        List<Origin> all = new ArrayList<>();
        List<Origin> suspects = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            List<Origin> rows = work.units().get(i).origins();
            all.addAll(rows);
            suspects.addAll(Double.isFinite(results.get(i).get(0).norm()) ? List.of() : rows);
        }
        return suspects.isEmpty() ? all : suspects;
    }

    /** Gradient of a unit's share of the step's loss [count], and the sum of its losses. */
    private List<Tensor> gradient(Step work, int number, List<Tensor> tensors) {
        Unit unit = work.units().get(number);
        List<Tensor> leaves = tensors.stream().map(Tensor::asLeaf).toList();
        Trainable.Model model = trained.with(decoder, leaves);
        List<? extends Intervention> interventions = dropping(model.interventions(), number);
        int[] begins = model.begins(unit.rows());
        double sum;
        try (UnitPass split = UnitPass.of(model.decoder(), unit, begins, interventions, prefixes)) {
            Pass pass = split.pass();
            Tensor hidden = options.memory() == TrainingOptions.Memory.RECOMPUTE
                    ? model.decoder().hiddenRecomputing(pass)
                    : model.decoder().hidden(pass);
            double[] losses = new UnitLoss(model.decoder()).backward(hidden, split.unit(), pass, 1.0 / work.targets());
            sum = sum(losses, split.unit());
        }
        Tensor gradient =
                Tensor.concat(0, leaves.stream().map(Trainer::flatGradient).toList());
        return List.of(gradient.to(Device.CPU), Tensor.of(new double[] {sum}, 1));
    }

    private double sum(double[] losses, Unit unit) {
        double sum = 0;
        for (int i = 0; i < losses.length; i++) {
            if (!Double.isFinite(losses[i])) {
                Origin row = unit.origins().get(UnitLoss.rowOf(unit, unit.positions()[i]));
                throw InlayException.diverged(
                        "step %d: the loss of %s is %s; %s", progress.step() + 1, row, losses[i], REMEDY);
            }
            sum += losses[i];
        }
        return sum;
    }

    private List<? extends Intervention> dropping(List<? extends Intervention> whole, int unit) {
        if (options.dropout() == 0) {
            return whole;
        }
        long seed = Randomness.derive(options.dropoutSeed(), progress.step() + 1L, unit);
        return whole.stream()
                .map(each -> new Dropping(each, options.dropout(), seed))
                .toList();
    }

    /** [count] float32; zero where no gradient flowed. */
    private static Tensor flatGradient(Tensor leaf) {
        Tensor gradient = leaf.gradient();
        return gradient == null
                ? Tensor.zeros(DType.FLOAT32, leaf.device(), leaf.count())
                : gradient.reshape(leaf.count()).to(DType.FLOAT32);
    }

    @Override
    public void close() {
        optimiser.close();
    }
}
