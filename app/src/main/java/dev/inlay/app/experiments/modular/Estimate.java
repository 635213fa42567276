package dev.inlay.app.experiments.modular;

import dev.inlay.dynamics.Mersenne;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * A number with its 95 % interval by the bootstrap over seeds. Infinity stands for what did not happen while it was looked
 * for; NaN for what cannot be said.
 */
record Estimate(double value, double low, double high) {
    private static final int DRAWS = 2000;
    private static final long SEED = 1;

    /** Of values in groups; each draw takes as many from every group as it has. */
    static <T> Estimate of(List<List<T>> groups, ToDoubleFunction<List<List<T>>> statistic) {
        double value = statistic.applyAsDouble(groups);
        Mersenne random = new Mersenne(SEED);
        double[] drawn = new double[DRAWS];
        for (int draw = 0; draw < DRAWS; draw++) {
            List<List<T>> again = new ArrayList<>();
            for (List<T> group : groups) {
                again.add(group.stream()
                        .map(each -> group.get((int) (random.uniform() * group.size())))
                        .toList());
            }
            drawn[draw] = statistic.applyAsDouble(again);
        }
        double[] known = Arrays.stream(drawn)
                .filter(each -> !Double.isNaN(each))
                .sorted()
                .toArray();
        if (Double.isNaN(value) || known.length == 0) {
            return new Estimate(value, Double.NaN, Double.NaN);
        }
        return new Estimate(
                value,
                known[(int) Math.floor(.025 * (known.length - 1))],
                known[(int) Math.ceil(.975 * (known.length - 1))]);
    }

    /** The median; infinite values are the largest. NaN for none. */
    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        if (n == 0) {
            return Double.NaN;
        }
        return n % 2 == 1 || Double.isInfinite(sorted[n / 2]) ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }

    static Estimate medianOf(List<Double> values) {
        return of(
                List.of(values),
                groups ->
                        median(groups.get(0).stream().mapToDouble(each -> each).toArray()));
    }

    /** In words: {@code 41.2 (30.1 to 50.0)}. */
    String words(String format) {
        return number(format, value) + " (" + number(format, low) + " to " + number(format, high) + ")";
    }

    private static String number(String format, double value) {
        return Double.isNaN(value)
                ? "-"
                : Double.isInfinite(value) ? "never" : String.format(Locale.ROOT, format, value);
    }
}
