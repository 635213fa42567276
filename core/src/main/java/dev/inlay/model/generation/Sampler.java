package dev.inlay.model.generation;

import dev.inlay.InlayException;
import java.util.BitSet;

/**
 * Chooses tokens from logits, one row at a time. Keeps working memory of the size of the vocabulary: not for use by two
 * threads at once.
 */
final class Sampler {
    private static final float REMOVED = Float.NEGATIVE_INFINITY;
    /** A trained model stays below a hundred; below this no setting makes a logit overflow. */
    private static final float GREATEST = 1e30f;

    private final Sampling sampling;
    private double[] work = new double[0];

    Sampler(Sampling sampling) {
        this.sampling = sampling;
    }

    /**
     * The next token.
     *
     * @param logits [vocabulary]; changed
     * @param seen the tokens that the row has
     * @param row number of the row among all of the request
     * @param step how many tokens the row has generated
     */
    int next(float[] logits, BitSet seen, int row, int step) {
        requireOrdered(logits, row, step);
        process(logits, seen);
        return sampling.isGreedy() ? best(logits) : draw(logits, uniform(sampling.seed(), row, step));
    }

    /** A model that overflowed has no next token; whatever was chosen would look like text. */
    private static void requireOrdered(float[] logits, int row, int step) {
        boolean finite = false;
        for (float logit : logits) {
            if (!(logit < GREATEST)) {
                throw InlayException.diverged(
                        "row %d has the logit %s after %d generated tokens; check the weights, or use float32",
                        row, logit, step);
            }
            finite |= logit != REMOVED;
        }
        if (!finite) {
            throw InlayException.diverged("row %d has no possible token after %d generated ones", row, step);
        }
    }

    /** Applies the processors; minus infinity marks a removed token. */
    void process(float[] logits, BitSet seen) {
        penalise(logits, seen);
        if (sampling.isGreedy()) {
            return;
        }
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) (logits[i] / sampling.temperature());
        }
        if (sampling.topK() > 0 && sampling.topK() < logits.length) {
            keepTopK(logits);
        }
        if (sampling.topP() < 1) {
            keepTopP(logits);
        }
        if (sampling.minP() > 0) {
            keepMinP(logits);
        }
    }

    private void penalise(float[] logits, BitSet seen) {
        double penalty = sampling.repetitionPenalty();
        if (penalty == 1) {
            return;
        }
        for (int id = seen.nextSetBit(0); id >= 0; id = seen.nextSetBit(id + 1)) {
            logits[id] = (float) (logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty);
        }
    }

    private void keepTopK(float[] logits) {
        double[] values = room(logits.length);
        for (int i = 0; i < logits.length; i++) {
            values[i] = logits[i];
        }
        double least =
                Edge.of(values, logits.length, sampling.topK(), value -> 1).value();
        for (int i = 0; i < logits.length; i++) {
            if (logits[i] < least) {
                logits[i] = REMOVED;
            }
        }
    }

    /** Of tokens with equal probability at the edge, the lowest ids stay. */
    private void keepTopP(float[] logits) {
        float best = logits[best(logits)];
        double[] masses = room(logits.length);
        int count = 0;
        double total = 0;
        for (float logit : logits) {
            if (logit != REMOVED) {
                masses[count] = Math.exp((double) logit - best);
                total += masses[count++];
            }
        }
        Edge edge = Edge.of(masses, count, sampling.topP() * total, mass -> mass);
        int equals = edge.count();
        for (int i = 0; i < logits.length; i++) {
            if (logits[i] != REMOVED) {
                double mass = Math.exp((double) logits[i] - best);
                if (mass < edge.value() || (mass == edge.value() && equals-- <= 0)) {
                    logits[i] = REMOVED;
                }
            }
        }
    }

    private void keepMinP(float[] logits) {
        double least = logits[best(logits)] + Math.log(sampling.minP());
        for (int i = 0; i < logits.length; i++) {
            if (logits[i] < least) {
                logits[i] = REMOVED;
            }
        }
    }

    /** The greatest, the first of equals. */
    private static int best(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }

    /** The token in whose share of the probability {@code place}, in [0, 1), falls; shares lie in order of ids. */
    private int draw(float[] logits, double place) {
        float best = logits[best(logits)];
        double[] upTo = room(logits.length);
        double total = 0;
        for (int i = 0; i < logits.length; i++) {
            total += logits[i] == REMOVED ? 0 : Math.exp((double) logits[i] - best);
            upTo[i] = total;
        }
        double wanted = Math.min(place * total, Math.nextDown(total));
        int low = 0;
        int high = logits.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (upTo[middle] > wanted) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** A number in [0, 1), the same for the same arguments on every machine. */
    private static double uniform(long seed, int row, int step) {
        return (mixed(mixed(mixed(seed) + row) + step) >>> 11) * 0x1p-53;
    }

    /** One step of SplitMix64 (Steele, Lea and Flood 2014, figure 17). */
    private static long mixed(long state) {
        long z = state + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    private double[] room(int size) {
        if (work.length < size) {
            work = new double[size];
        }
        return work;
    }
}
