package dev.inlay.app.experiments.flags;

import static dev.inlay.InlayException.require;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Measures with 95 % intervals over the choice of tasks.
 *
 * <p>The bootstrap draws as many tasks as there are, with replacement, and takes all rows of a task each time it is drawn:
 * both system prompts of one task, and several reviews of one answer, resemble each other.
 */
public record FlagReport(
        FlagMeasures measures, Interval failRight, Interval passRight, Interval balanced, Interval auroc) {
    /** Enough for a percentile interval. */
    public static final int RESAMPLES = 1000;

    /**
     * The same flags, resamples and seed give the same intervals.
     *
     * @param flags at least one
     * @param resamples at least 1
     */
    public static FlagReport of(List<ScoredFlag> flags, int resamples, long seed) {
        require(resamples > 0, "the number of resamples must be positive, was %d", resamples);
        SortedFlags sorted = new SortedFlags(flags);
        SplittableRandom random = new SplittableRandom(seed);
        List<FlagMeasures> drawn = IntStream.range(0, resamples)
                .mapToObj(i -> sorted.times(draw(sorted.tasks(), random)))
                .toList();
        return new FlagReport(
                sorted.once(),
                interval(drawn, FlagMeasures::failRight),
                interval(drawn, FlagMeasures::passRight),
                interval(drawn, FlagMeasures::balanced),
                interval(drawn, FlagMeasures::auroc));
    }

    private static int[] draw(int tasks, SplittableRandom random) {
        int[] counts = new int[tasks];
        for (int i = 0; i < tasks; i++) {
            counts[random.nextInt(tasks)]++;
        }
        return counts;
    }

    private static Interval interval(List<FlagMeasures> drawn, ToDoubleFunction<FlagMeasures> measure) {
        return Interval.of(drawn.stream().mapToDouble(measure).toArray());
    }
}
