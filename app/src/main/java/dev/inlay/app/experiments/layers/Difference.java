package dev.inlay.app.experiments.layers;

import dev.inlay.app.experiments.flags.Interval;
import dev.inlay.dynamics.Cosines;
import dev.inlay.dynamics.States;
import dev.inlay.engine.Randomness;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * What an adapter does to a measure at one entry.
 *
 * @param value with the adapter less without it; of {@code drift} the mean over tokens of |h' - h| / |h|
 * @param interval 95 % over resamples of the tokens, in which both sides have the same tokens
 */
record Difference(int entry, String measure, double value, Interval interval) {
    private static final int RESAMPLES = 1000;

    /** All entries, in their order. */
    static List<Difference> of(HiddenStates base, HiddenStates adapted, long seed) {
        List<Difference> differences = new ArrayList<>();
        int d = base.width();
        for (int entry = 0; entry < base.entries().size(); entry++) {
            double[] before = base.entries().get(entry);
            double[] after = adapted.entries().get(entry);
            int[][] resamples = resamples(before.length / d, Randomness.derive(seed, entry));
            differences.add(cosines(entry, "cosine_mean", Cosines.of(before, d), Cosines.of(after, d), resamples));
            double[] first = Arrays.copyOfRange(before, d, before.length);
            double[] second = Arrays.copyOfRange(after, d, after.length);
            int[][] rest = resamples(first.length / d, Randomness.derive(seed, entry, 1));
            differences.add(
                    cosines(entry, "cosine_mean_without_first", Cosines.of(first, d), Cosines.of(second, d), rest));
            differences.add(cosines(
                    entry,
                    "cosine_mean_centred",
                    Cosines.of(States.centred(first, d), d),
                    Cosines.of(States.centred(second, d), d),
                    rest));
            double[] drift = States.drift(before, after, d);
            differences.add(of(entry, "drift", resamples, counts -> mean(drift, counts)));
        }
        return List.copyOf(differences);
    }

    private static Difference cosines(int entry, String measure, Cosines before, Cosines after, int[][] resamples) {
        return of(entry, measure, resamples, counts -> after.mean(counts) - before.mean(counts));
    }

    private static Difference of(int entry, String measure, int[][] resamples, ToDoubleFunction<int[]> statistic) {
        int[] once = new int[resamples[0].length];
        Arrays.fill(once, 1);
        double[] values = Arrays.stream(resamples).mapToDouble(statistic).toArray();
        return new Difference(entry, measure, statistic.applyAsDouble(once), Interval.of(values));
    }

    private static double mean(double[] values, int[] counts) {
        double sum = 0;
        double all = 0;
        for (int i = 0; i < values.length; i++) {
            sum += counts[i] * values[i];
            all += counts[i];
        }
        return sum / all;
    }

    /** How often each token is drawn, tokens with replacement. */
    private static int[][] resamples(int tokens, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[][] resamples = new int[RESAMPLES][tokens];
        for (int[] counts : resamples) {
            for (int i = 0; i < tokens; i++) {
                counts[random.nextInt(tokens)]++;
            }
        }
        return resamples;
    }
}
