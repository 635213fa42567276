package dev.inlay.training.data;

/**
 * Random orders that are a function of their seeds alone: the same on every machine and version.
 *
 * <p>SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014) drives a Fisher-Yates
 * shuffle; bounded numbers are drawn by rejection, so every order is equally likely as far as 64 bits of seed allow.
 */
final class Permutation {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    private Permutation(long state) {
        this.state = state;
    }

    /** A random order of 0 ... size-1 for this pair of seeds. */
    static int[] of(int size, long seed, long stream) {
        Permutation random = new Permutation(mix(mix(seed) + GOLDEN_GAMMA * (2 * stream + 1)));
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = random.below(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private int below(int bound) {
        long bits;
        long value;
        do {
            state += GOLDEN_GAMMA;
            bits = mix(state) >>> 1;
            value = bits % bound;
        } while (bits - value + bound - 1 < 0);
        return (int) value;
    }

    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }
}
