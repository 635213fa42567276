package dev.inlay.app.experiments.modular;

import dev.inlay.engine.Tensor;
import java.util.Optional;

/**
 * Pairs with their results; tensors belong to the scope in which they were made.
 *
 * @param tokens [positions * pairs], position by position
 * @param labels [pairs]
 * @param results the labels once more, to count hits with
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
record Examples(Tensor tokens, Tensor labels, int[] results) {
    /** @param codes at least one; pairs as p x + y for addition, and p * p more for subtraction */
    static Examples of(int modulus, int... codes) {
        int n = codes.length;
        int[] tokens = new int[Sizes.POSITIONS * n];
        int[] results = new int[n];
        for (int e = 0; e < n; e++) {
            Operation operation = Operation.of(codes[e], modulus);
            int x = codes[e] / modulus % modulus;
            int y = codes[e] % modulus;
            tokens[e] = x;
            tokens[n + e] = operation.token(modulus);
            tokens[2 * n + e] = y;
            tokens[3 * n + e] = Operation.equalsToken(modulus);
            results[e] = operation.result(x, y, modulus);
        }
        return new Examples(Tensor.of(tokens), Tensor.of(results), results);
    }

    /** The same; empty for no codes. */
    static Optional<Examples> ofAny(int modulus, int... codes) {
        return codes.length == 0 ? Optional.empty() : Optional.of(of(modulus, codes));
    }

    int count() {
        return results.length;
    }

    /** How many of the first {@code rows} rows of logits [pairs, vocabulary] are largest at the label. */
    int hits(Tensor logits, int rows) {
        float[] values = logits.toFloats();
        int vocabulary = (int) logits.size(1);
        int hits = 0;
        for (int e = 0; e < rows; e++) {
            int best = 0;
            for (int k = 1; k < vocabulary; k++) {
                best = values[e * vocabulary + k] > values[e * vocabulary + best] ? k : best;
            }
            hits += best == results[e] ? 1 : 0;
        }
        return hits;
    }

    /** Share of all rows that are largest at the label. */
    double accuracy(Tensor logits) {
        return hits(logits, count()) / (double) count();
    }
}
