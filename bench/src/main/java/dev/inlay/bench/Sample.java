package dev.inlay.bench;

import java.util.Arrays;
import java.util.List;

/**
 * Repeated measurements of one quantity.
 *
 * @param values at least one, ascending
 */
record Sample(List<Double> values) {
    Sample {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("a sample needs at least one value");
        }
        values = values.stream().sorted().toList();
    }

    static Sample of(double... values) {
        return new Sample(Arrays.stream(values).boxed().toList());
    }

    /** The middle value, or the mean of the two in the middle. */
    double median() {
        int n = values.size();
        return (values.get((n - 1) / 2) + values.get(n / 2)) / 2;
    }

    double min() {
        return values.get(0);
    }

    double max() {
        return values.get(values.size() - 1);
    }
}
