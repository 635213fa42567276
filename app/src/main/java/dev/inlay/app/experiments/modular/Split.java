package dev.inlay.app.experiments.modular;

import dev.inlay.dynamics.Mersenne;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Which pairs are trained on; codes as {@link Examples#of} reads them.
 *
 * @param addition all pairs, in a drawn order
 * @param subtraction likewise
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
record Split(int[] addition, int[] subtraction) {
    /** Share of the pairs of subtraction in a {@link Base#MIXED} pre-training. */
    static final double MIXED_SHARE = .1;

    static Split drawn(int modulus, long seed) {
        int pairs = modulus * modulus;
        Mersenne random = Mersenne.ofRun(seed, 0);
        return new Split(shuffled(0, pairs, random), shuffled(pairs, pairs, random));
    }

    private static int[] shuffled(int first, int count, Mersenne random) {
        int[] codes = IntStream.range(first, first + count).toArray();
        for (int i = count - 1; i > 0; i--) {
            int j = (int) (random.uniform() * (i + 1));
            int other = codes[j];
            codes[j] = codes[i];
            codes[i] = other;
        }
        return codes;
    }

    /** The first part of the codes: at least one. */
    static int[] first(int[] codes, double share) {
        return Arrays.copyOf(codes, Math.max(1, (int) Math.round(share * codes.length)));
    }

    /** What {@link #first} leaves. */
    static int[] rest(int[] codes, double share) {
        return Arrays.copyOfRange(codes, first(codes, share).length, codes.length);
    }
}
