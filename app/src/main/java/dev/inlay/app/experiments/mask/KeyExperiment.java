package dev.inlay.app.experiments.mask;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Initialisation;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.app.experiments.flags.FlagMeasures;
import dev.inlay.app.experiments.flags.FlagRows;
import dev.inlay.app.experiments.flags.FlagRows.FlagRow;
import dev.inlay.app.experiments.flags.FlagScorer;
import dev.inlay.app.experiments.flags.Given;
import dev.inlay.app.experiments.flags.ScoredFlag;
import dev.inlay.app.experiments.world.KeyChats;
import dev.inlay.app.experiments.world.KeyChats.Answer;
import dev.inlay.app.experiments.world.Register;
import dev.inlay.app.experiments.world.Split;
import dev.inlay.engine.Randomness;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Site;
import dev.inlay.training.AdamW;
import dev.inlay.training.KeptPrefixes;
import dev.inlay.training.Parameters;
import dev.inlay.training.Prefixes;
import dev.inlay.training.Trainer;
import dev.inlay.training.TrainingListener;
import dev.inlay.training.TrainingOptions;
import dev.inlay.training.data.Batch;
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Examples;
import dev.inlay.training.data.Limit;
import dev.inlay.training.data.Overflow;
import dev.inlay.training.data.Units;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Does a mask keep an adapter from what the base knew, and which mixture of both helps? On chats with a hidden key, adapters
 * learn to flag the assistant, acting from the trigger on, on all tokens or in between ({@link Arm}), and are judged by
 * balanced accuracy on new chats (the difference that Florian Dietz reports for split personalities).
 *
 * <p>What is judged is a flag that is the whole answer, so nothing but the chat can tell it. Each register and arm has the learning rate that
 * is best on rows of its own split; the report is on rows of another. All arms see the same rows in the same order.
 */
public final class KeyExperiment {
    private static final int UNIT_TOKENS = 1024;
    private static final double WARM_UP = 0.1;
    private static final long ROOM = 2L << 30;

    private final Decoder decoder;
    private final Encoder encoder;
    private final Trigger trigger;
    private final KeyOptions options;
    private final Workers workers;
    private int done;

    /**
     * @param encoder renders chats and has loss on the last response alone
     * @param trigger what the chat template writes before the question of the one who judges
     */
    public KeyExperiment(Decoder decoder, Encoder encoder, Trigger trigger, KeyOptions options, Workers workers) {
        this.decoder = decoder;
        this.encoder = encoder;
        this.trigger = trigger;
        this.options = options;
        this.workers = workers;
    }

    /**
     * All arms on these registers.
     *
     * @param progress gets the number of trainings that are done
     * @param results gets each as soon as it is known
     */
    public void run(List<Register> registers, IntConsumer progress, Consumer<KeyResult> results) {
        for (Register register : registers) {
            for (Arm arm : options.arms()) {
                results.accept(run(register, arm, progress));
            }
        }
    }

    private KeyResult run(Register register, Arm arm, IntConsumer progress) {
        double best = Double.NaN;
        double highest = Double.NEGATIVE_INFINITY;
        for (double rate : options.rates()) {
            double area = measured(register, arm, rate, 0, Split.VALID).auroc();
            progress.accept(++done);
            if (area > highest) {
                highest = area;
                best = rate;
            }
        }
        List<Double> accuracies = new ArrayList<>();
        List<Double> areas = new ArrayList<>();
        for (int seed = 1; seed <= options.seeds(); seed++) {
            FlagMeasures measures = measured(register, arm, best, seed, Split.TEST);
            accuracies.add(measures.balanced());
            areas.add(measures.auroc());
            progress.accept(++done);
        }
        return new KeyResult(register, arm, best, accuracies, areas);
    }

    /** Trains one adapter and judges it on rows of a split. */
    private FlagMeasures measured(Register register, Arm arm, double rate, int seed, Split split) {
        List<Example> examples = Examples.of(
                        KeyChats.of(register, Split.TRAIN, seed, options.rows(), options.answers()), encoder, limit())
                .list();
        if (arm.rereads()) {
            examples = examples.stream().map(new Reread(trigger)::of).toList();
        }
        try (Parameters parameters = parameters(arm, seed);
                KeptPrefixes kept = Prefixes.kept(ROOM)) {
            Units units = units(examples, parameters.parts(), seed);
            int steps = units.stepsPerEpoch() * options.epochs();
            try (Trainer trainer = new Trainer(decoder, parameters, training(rate, steps), workers, kept)) {
                trainer.fit(units, List.of(), new TrainingListener() {});
            }
            Dataset flags = KeyChats.of(register, split, seed, options.heldOut(), List.of(Answer.FLAG));
            return judged(arm, parameters.parts(), flags);
        }
    }

    private Units units(List<Example> examples, Parts parts, int seed) {
        try (Scope scope = Scope.open()) {
            List<Intervention> acting = parts.on(decoder);
            return new Units(
                    examples,
                    Batch.rows(options.batch()),
                    UNIT_TOKENS,
                    seed,
                    example -> example.inputsFrom(acting.stream()
                            .mapToInt(each -> each.begins(example.reading()))
                            .min()
                            .orElse(0)));
        }
    }

    private FlagMeasures judged(Arm arm, Parts trained, Dataset chats) {
        List<FlagRow> rows = FlagRows.of(chats, encoder, Given.ALONE, limit()).list();
        if (arm.rereads()) {
            rows = rows.stream().map(new Reread(trigger)::of).toList();
        }
        try (Scope scope = Scope.open()) {
            double[] logits = new FlagScorer(decoder, workers, UNIT_TOKENS)
                    .logits(
                            rows.stream().map(FlagRow::prompt).toList(),
                            arm.judged(trained, gate()).on(decoder));
            List<ScoredFlag> flags = new ArrayList<>();
            for (int i = 0; i < logits.length; i++) {
                flags.add(new ScoredFlag(String.valueOf(i), rows.get(i).truth(), logits[i]));
            }
            return FlagMeasures.of(flags);
        }
    }

    private Gate gate() {
        return TriggerGate.of(trigger);
    }

    private Limit limit() {
        return new Limit(decoder.config().contextLength(), Overflow.ERROR);
    }

    private Parameters parameters(Arm arm, int seed) {
        long own = Randomness.derive(seed, options.rank(), 0);
        try (Scope scope = Scope.open()) {
            Map<Site, LowRank> factors = new TreeMap<>();
            for (LinearSite site : decoder.sites()) {
                if (!site.site().equals(Site.HEAD)) {
                    factors.put(site.site(), Initialisation.UNIFORM.factors(site, options.rank(), 2, own));
                }
            }
            return Parameters.of(arm.parts(decoder, Adapter.of(factors), gate()));
        }
    }

    private static TrainingOptions training(double rate, int steps) {
        int warmUp = Math.max(1, (int) (WARM_UP * steps));
        return new TrainingOptions(
                steps, rate, 1, warmUp, AdamW.DEFAULT, 1, 0, 0, 0, 0, 0, TrainingOptions.Memory.KEEP);
    }

    /** The trigger that a tokenizer has, or an error that says what to do. */
    public static Trigger trigger(OptionalInt id, String name) {
        if (id.isEmpty()) {
            throw InlayException.data(
                    "the model's tokenizer has no token %s; use a model whose tokenizer inlay tokenizer made", name);
        }
        return new Trigger(List.of(id.getAsInt()), name);
    }
}
