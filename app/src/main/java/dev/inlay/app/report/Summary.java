package dev.inlay.app.report;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** A curve in one sentence, for readers who do not see it. */
final class Summary {
    private Summary() {}

    static String of(List<History.Step> steps, ToDoubleFunction<History.Step> value, Chart.Format format) {
        List<History.Step> finite = steps.stream()
                .filter(step -> Double.isFinite(value.applyAsDouble(step)))
                .toList();
        if (finite.isEmpty()) {
            return "no finite value";
        }
        History.Step first = finite.get(0);
        History.Step last = finite.get(finite.size() - 1);
        return words(value.applyAsDouble(first), format) + " at step " + first.step() + ", "
                + words(value.applyAsDouble(last), format) + " at step " + last.step();
    }

    private static String words(double value, Chart.Format format) {
        return switch (format) {
            case LOSS -> Words.loss(value);
            case SCIENTIFIC -> Words.small(value);
            case COUNT -> Words.count(value);
            case BYTES -> Words.gigabytes(value);
        };
    }
}
