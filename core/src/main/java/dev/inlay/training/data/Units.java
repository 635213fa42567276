package dev.inlay.training.data;

import static dev.inlay.InlayException.require;

import dev.inlay.model.Reading;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The work of a whole training run, step by step.
 *
 * <p>Every epoch takes every example once, in an order that depends on the seed and the epoch only; a step and its units
 * depend on nothing but the arguments here and the step's index. So a run resumes at any step without any carried state,
 * and for any number of threads.
 */
public final class Units {
    private final List<Example> examples;
    private final int[] lengths;
    private final int[] recorded;
    private final Batch batch;
    private final int unitTokens;
    private final long seed;
    private final int stepsPerEpoch;

    /** The order of the epoch asked for last; a memory only, replaced as a whole. */
    private volatile @Nullable Epoch recent;

    @SuppressWarnings("ArrayRecordComponent") // a carrier of arrays, never compared
    private record Epoch(int number, int[] order, int[] bounds) {}

    /**
     * The run over these examples.
     *
     * @param unitTokens most tokens of a unit of several rows; a longer row is a unit by itself
     */
    public Units(List<Example> examples, Batch batch, int unitTokens, long seed) {
        this(examples, batch, unitTokens, seed, Example::inputs);
    }

    /**
     * The run over examples of which not all tokens are recorded for gradients.
     *
     * @param recorded how many of an example's tokens are: they alone fill a unit
     */
    public Units(List<Example> examples, Batch batch, int unitTokens, long seed, ToIntFunction<Example> recorded) {
        require(!examples.isEmpty(), "no examples to train on");
        require(unitTokens > 0, "tokens per unit must be positive, was %d", unitTokens);
        this.examples = List.copyOf(examples);
        this.lengths = this.examples.stream().mapToInt(Example::inputs).toArray();
        this.recorded = this.examples.stream().mapToInt(recorded).toArray();
        this.batch = batch;
        this.unitTokens = unitTokens;
        this.seed = seed;
        this.stepsPerEpoch = batch.stepsPerEpoch(lengths);
    }

    /** Units that take all examples once, for evaluation. */
    public static List<Unit> all(List<Example> examples, int unitTokens) {
        int[] lengths = examples.stream().mapToInt(Example::inputs).toArray();
        return grouped(
                examples, lengths, lengths, IntStream.range(0, lengths.length).toArray(), unitTokens);
    }

    public int stepsPerEpoch() {
        return stepsPerEpoch;
    }

    /**
     * The work of one step.
     *
     * @param index from 0; epochs follow each other without end
     */
    public Step step(long index) {
        require(index >= 0, "step %d: steps count from 0", index);
        int number = Math.toIntExact(index / stepsPerEpoch);
        int step = (int) (index % stepsPerEpoch);
        Epoch epoch = epoch(number);
        int[] rows = Arrays.copyOfRange(epoch.order, epoch.bounds[step], epoch.bounds[step + 1]);
        return new Step(index, number, grouped(examples, lengths, recorded, rows, unitTokens));
    }

    private Epoch epoch(int number) {
        Epoch known = recent;
        if (known == null || known.number != number) {
            int[] order = Permutation.of(lengths.length, seed, number);
            known = new Epoch(
                    number,
                    order,
                    batch.bounds(Arrays.stream(order).map(i -> lengths[i]).toArray()));
            recent = known;
        }
        return known;
    }

    /**
     * Longest rows first, neighbours together until a unit is full. Long units come first because they take longest, and
     * equal lengths become neighbours, which attention computes as one batch.
     */
    private static List<Unit> grouped(
            List<Example> examples, int[] lengths, int[] recorded, int[] rows, int unitTokens) {
        int[] sorted = Arrays.stream(rows)
                .boxed()
                .sorted(Comparator.comparingInt((Integer i) -> -recorded[i]).thenComparingInt(i -> -lengths[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        List<Unit> units = new ArrayList<>();
        int first = 0;
        int tokens = 0;
        for (int i = 0; i < sorted.length; i++) {
            int length = recorded[sorted[i]];
            if (i > first && (long) tokens + length > unitTokens) {
                units.add(unit(examples, Arrays.copyOfRange(sorted, first, i), tokens));
                first = i;
                tokens = 0;
            }
            tokens += length;
        }
        if (first < sorted.length) {
            units.add(unit(examples, Arrays.copyOfRange(sorted, first, sorted.length), tokens));
        }
        return units;
    }

    private static Unit unit(List<Example> examples, int[] rows, int recorded) {
        int[] lengths = Arrays.stream(rows).map(i -> examples.get(i).inputs()).toArray();
        List<Reading> readings = new ArrayList<>();
        int targets = Arrays.stream(rows).map(i -> examples.get(i).targets()).sum();
        int[] positions = new int[targets];
        int[] labels = new int[targets];
        int offset = 0;
        int found = 0;
        for (int r = 0; r < rows.length; r++) {
            Example example = examples.get(rows[r]);
            readings.add(example.reading());
            for (int i = 0; i < lengths[r]; i++) {
                if (example.target()[i + 1]) {
                    positions[found] = offset + i;
                    labels[found++] = example.ids()[i + 1];
                }
            }
            offset += lengths[r];
        }
        List<Origin> origins =
                Arrays.stream(rows).mapToObj(i -> examples.get(i).origin()).toList();
        return new Unit(readings, positions, labels, rows, origins, recorded);
    }
}
