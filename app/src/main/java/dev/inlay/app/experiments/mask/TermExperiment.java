package dev.inlay.app.experiments.mask;

import static dev.inlay.InlayException.require;

import dev.inlay.adapter.Part;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.twin.Readers;
import dev.inlay.adapter.twin.Terms;
import dev.inlay.adapter.twin.TwinReaders;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Reading;
import dev.inlay.training.Evaluation;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Unit;
import dev.inlay.training.data.Units;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Which of its changes an adapter needs where it reads a prefix: the loss without some of them (experiment E6 of the
 * questions on masks). The adapter was trained to act on all tokens; without q.dk, dq.dk and dv it is the same adapter behind
 * a mask.
 */
public final class TermExperiment {
    private final Decoder decoder;
    private final Parts adapter;
    private final Gate gate;
    private final Workers workers;

    /** @param gate where prefixes end: at its first open token */
    public TermExperiment(Decoder decoder, Parts adapter, Gate gate, Workers workers) {
        this.decoder = decoder;
        this.adapter = adapter.with(Gate.OPEN);
        this.gate = gate;
        this.workers = workers;
    }

    /** Number of evaluations of {@link #losses}. */
    public static int evaluations() {
        return Knockout.ALL.size() + 2;
    }

    /**
     * Losses in nats for each target.
     *
     * @param base without the adapter
     * @param whole with all of it
     * @param without in the order of {@link Knockout#ALL}
     */
    public record Losses(double base, double whole, List<Double> without) {
        public Losses {
            without = List.copyOf(without);
        }
    }

    /** @param progress gets the number of evaluations that are done */
    public Losses losses(List<Example> examples, int unitTokens, IntConsumer progress) {
        List<Unit> units = Units.all(examples, unitTokens);
        Evaluation evaluation = new Evaluation(decoder, workers);
        double base = evaluation.of(units, Parts.of()).loss();
        progress.accept(1);
        double whole = evaluation.of(units, adapter).loss();
        progress.accept(2);
        List<Double> without = new ArrayList<>();
        for (Knockout knockout : Knockout.ALL) {
            without.add(evaluation.of(units, reading(knockout)).loss());
            progress.accept(2 + without.size());
        }
        return new Losses(base, whole, without);
    }

    private Parts reading(Knockout knockout) {
        List<Part> parts = new ArrayList<>(adapter.list());
        parts.add(TwinReaders.of(Readers.all(knockout.reader()), gate));
        return new Parts(parts);
    }

    /**
     * Sizes of the changes in each layer.
     *
     * @param examples rows to look at, of which those without a prefix are passed over
     */
    public List<LayerShares> shares(List<Example> examples) {
        LayerShares.Sum[] sums = new LayerShares.Sum[decoder.config().layers()];
        Arrays.setAll(sums, i -> new LayerShares.Sum());
        int seen = 0;
        for (Example example : examples) {
            Reading row = example.reading();
            int prefix = gate.over(row).firstOpen();
            if (prefix > 0 && prefix < row.ids().length) {
                new Terms(decoder, adapter, gate).of(row, layer -> sums[layer.layer()].add(layer));
                seen++;
            }
        }
        require(seen > 0, "in none of %d rows does something come before the gate (%s)", examples.size(), gate);
        return IntStream.range(0, sums.length).mapToObj(i -> sums[i].of(i)).toList();
    }
}
