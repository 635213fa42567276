package dev.inlay.app.experiments.mask;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Initialisation;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.app.experiments.flags.FlagMeasures;
import dev.inlay.app.experiments.flags.FlagRows;
import dev.inlay.app.experiments.flags.FlagRows.FlagRow;
import dev.inlay.app.experiments.flags.FlagScorer;
import dev.inlay.app.experiments.flags.Given;
import dev.inlay.app.experiments.flags.ScoredFlag;
import dev.inlay.app.experiments.world.KeyChats;
import dev.inlay.app.experiments.world.Register;
import dev.inlay.app.experiments.world.Split;
import dev.inlay.engine.Randomness;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
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
import java.util.function.IntConsumer;

/**
 * Does a mask keep an adapter from what the base knew? On chats with a hidden key, adapters learn to flag the assistant,
 * once acting from the trigger on and once on all tokens, and are judged by balanced accuracy on new chats (the difference
 * that Florian Dietz reports for split personalities; experiment E3 for one size of adapter).
 *
 * <p>The flag is the whole answer, so nothing but the chat can tell it. Each register and arm has the learning rate that
 * is best on rows of its own split; the report is on rows of another. Both arms see the same rows in the same order.
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
     */
    public List<KeyResult> run(List<Register> registers, IntConsumer progress) {
        List<KeyResult> results = new ArrayList<>();
        for (Register register : registers) {
            for (Arm arm : Arm.values()) {
                results.add(run(register, arm, progress));
            }
        }
        return results;
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
        Gate gate = arm.gate(trigger);
        List<Example> examples = Examples.of(
                        KeyChats.flags(register, Split.TRAIN, seed, options.rows()), encoder, limit())
                .list();
        Units units = new Units(
                examples,
                Batch.rows(options.batch()),
                UNIT_TOKENS,
                seed,
                example -> example.inputsFrom(gate.over(example.reading()).firstOpen()));
        int steps = units.stepsPerEpoch() * options.epochs();
        try (Parameters parameters = parameters(gate, seed);
                KeptPrefixes kept = Prefixes.kept(ROOM);
                Trainer trainer = new Trainer(decoder, parameters, training(rate, steps), workers, kept)) {
            trainer.fit(units, List.of(), new TrainingListener() {});
            return judged(parameters.parts(), KeyChats.flags(register, split, seed, options.heldOut()));
        }
    }

    private FlagMeasures judged(Parts parts, Dataset chats) {
        List<FlagRow> rows =
                FlagRows.of(chats, encoder, Given.REVIEW, limit()).list();
        try (Scope scope = Scope.open()) {
            double[] logits = new FlagScorer(decoder, workers, UNIT_TOKENS)
                    .logits(rows.stream().map(FlagRow::prompt).toList(), parts.on(decoder));
            List<ScoredFlag> flags = new ArrayList<>();
            for (int i = 0; i < logits.length; i++) {
                flags.add(new ScoredFlag(String.valueOf(i), rows.get(i).truth(), logits[i]));
            }
            return FlagMeasures.of(flags);
        }
    }

    private Limit limit() {
        return new Limit(decoder.config().contextLength(), Overflow.ERROR);
    }

    private Parameters parameters(Gate gate, int seed) {
        long own = Randomness.derive(seed, options.rank(), 0);
        try (Scope scope = Scope.open()) {
            Map<Site, LowRank> factors = new TreeMap<>();
            for (LinearSite site : decoder.sites()) {
                if (!site.site().equals(Site.HEAD)) {
                    factors.put(site.site(), Initialisation.UNIFORM.factors(site, options.rank(), 2, own));
                }
            }
            return Parameters.of(Parts.of(Adapter.of(factors).with(gate)));
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
