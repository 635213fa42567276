package dev.inlay.adapter;

import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.util.Arrays;
import java.util.Locale;

/**
 * How far two tables of logits are apart.
 *
 * @param largest largest absolute difference of two logits; NaN if one is not finite
 * @param mean mean absolute difference
 * @param divergence mean over the tokens of the Kullback-Leibler divergence of the other prediction from the reference,
 *     in nats
 */
public record LogitDifference(double largest, double mean, double divergence) {
    /**
     * Compares, in float64.
     *
     * @param reference [tokens, vocabulary]
     * @param other [tokens, vocabulary]
     */
    public static LogitDifference between(Tensor reference, Tensor other) {
        if (!Arrays.equals(reference.shape(), other.shape())) {
            throw new IllegalArgumentException("cannot compare " + reference + " with " + other);
        }
        Sum sum = new Sum();
        for (long token = 0; token < reference.size(0); token++) {
            try (Scope scope = Scope.open()) {
                sum.add(
                        reference.narrow(0, token, 1).toDoubles(),
                        other.narrow(0, token, 1).toDoubles());
            }
        }
        return new LogitDifference(sum.largest, sum.absolute / reference.count(), sum.divergence / reference.size(0));
    }

    /** Whether any logit differs. */
    public boolean isZero() {
        return largest == 0;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "max %.3g, mean %.3g, KL %.3g nats", largest, mean, divergence);
    }

    private static final class Sum {
        private double largest;
        private double absolute;
        private double divergence;

        void add(double[] reference, double[] other) {
            double referenceNorm = logSumExp(reference);
            double otherNorm = logSumExp(other);
            for (int i = 0; i < reference.length; i++) {
                double distance = Math.abs(reference[i] - other[i]);
                largest = Math.max(largest, distance);
                absolute += distance;
                double logProbability = reference[i] - referenceNorm;
                divergence += Math.exp(logProbability) * (logProbability - (other[i] - otherNorm));
            }
        }

        private static double logSumExp(double[] logits) {
            double most = Arrays.stream(logits).max().orElseThrow();
            double sum = 0;
            for (double logit : logits) {
                sum += Math.exp(logit - most);
            }
            return most + Math.log(sum);
        }
    }
}
