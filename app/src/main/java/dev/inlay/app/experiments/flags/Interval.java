package dev.inlay.app.experiments.flags;

import java.util.Arrays;

/** The range that holds the middle 95 % of the resamples; NaN where it cannot be estimated. */
public record Interval(double low, double high) {
    private static final double TAIL = 0.025;

    /**
     * The percentile interval (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13).
     *
     * @param values of the resamples; NaN where a resample lacks a class. Fewer than half of them make no interval
     */
    public static Interval of(double[] values) {
        double[] known = Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
        if (known.length == 0 || known.length < values.length / 2) {
            return new Interval(Double.NaN, Double.NaN);
        }
        int cut = (int) (TAIL * known.length);
        return new Interval(known[cut], known[known.length - 1 - cut]);
    }
}
