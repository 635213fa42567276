package dev.inlay.dynamics;

import java.util.Arrays;

/**
 * The random numbers of numpy's {@code RandomState}: MT19937 (Matsumoto and Nishimura 1998) with integer seeding, doubles
 * of 53 bits and normals by the polar method. One generator for all, so that published seeds give the published starts.
 */
public final class Mersenne {
    private static final int SIZE = 624;
    private static final int SHIFT = 397;

    private final int[] state = new int[SIZE];
    private int next = SIZE;
    private double kept = Double.NaN;

    /** @param seed its low 32 bits are used, as by {@code numpy.random.seed} */
    public Mersenne(long seed) {
        state[0] = (int) seed;
        for (int i = 1; i < SIZE; i++) {
            state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
        }
    }

    /** A generator for one of many runs: its numbers are unrelated to those of other runs and of the seed itself. */
    public static Mersenne ofRun(long seed, long run) {
        long mixed = seed * 0x9E3779B97F4A7C15L + (run + 1) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return new Mersenne(mixed ^ (mixed >>> 31));
    }

    /** A generator that will draw what this one will. */
    public Mersenne copy() {
        Mersenne copy = new Mersenne(0);
        System.arraycopy(state, 0, copy.state, 0, SIZE);
        copy.next = next;
        copy.kept = kept;
        return copy;
    }

    private int bits() {
        if (next == SIZE) {
            twist();
        }
        int y = state[next++];
        y ^= y >>> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >>> 18);
    }

    private void twist() {
        for (int i = 0; i < SIZE; i++) {
            int y = (state[i] & 0x80000000) | (state[(i + 1) % SIZE] & 0x7fffffff);
            state[i] = state[(i + SHIFT) % SIZE] ^ (y >>> 1) ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
        }
        next = 0;
    }

    /** Uniform in [0, 1). */
    public double uniform() {
        int high = bits() >>> 5;
        int low = bits() >>> 6;
        return (high * 67108864.0 + low) / 9007199254740992.0;
    }

    /** Standard normal. */
    public double normal() {
        if (!Double.isNaN(kept)) {
            double value = kept;
            kept = Double.NaN;
            return value;
        }
        while (true) {
            double x = 2 * uniform() - 1;
            double y = 2 * uniform() - 1;
            double square = x * x + y * y;
            if (square < 1 && square != 0) {
                double factor = Math.sqrt(-2 * Math.log(square) / square);
                kept = factor * x;
                return factor * y;
            }
        }
    }

    /** Values uniform in [low, high), in the order of drawing. */
    public double[] uniform(int count, double low, double high) {
        double[] values = new double[count];
        Arrays.setAll(values, i -> low + (high - low) * uniform());
        return values;
    }

    public double[] normal(int count) {
        double[] values = new double[count];
        Arrays.setAll(values, i -> normal());
        return values;
    }
}
