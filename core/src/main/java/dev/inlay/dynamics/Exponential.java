package dev.inlay.dynamics;

import java.util.Arrays;

/**
 * e^x of many numbers up to 0, within 1 ulp: x = m ln 2 + r, the series of e^r in loops that the compiler turns into vector
 * instructions, and powers of two from a table.
 */
final class Exponential {
    /** Fewer numbers gain nothing: the loops take longer to start than to run. */
    private static final int FEW = 64;

    /** Numbers that are worked on together: they stay in the nearest cache. */
    private static final int TILE = 256;

    /** Below this e^x is 0 in float64. */
    private static final double GONE = -746;

    /** Adding and taking away 1.5 * 2^52 rounds to a whole number. */
    private static final double ROUND = 0x1.8p52;

    private static final double PER_OCTAVE = 1 / Math.log(2);

    /** ln 2 in two parts; whole numbers up to 2^11 times the first are exact. */
    private static final double LN2_HIGH = 0x1.62e42fee00000p-1;

    private static final double LN2_LOW = 0x1.a39ef35793c76p-33;

    private static final double[] HALVINGS = new double[1078];

    static {
        Arrays.setAll(HALVINGS, m -> Math.scalb(1.0, -m));
    }

    private Exponential() {}

    /**
     * Overwrites numbers by their exponentials.
     *
     * @param x none above 0; negative infinity gives 0
     * @param count the first so many
     */
    static void of(double[] x, int count) {
        if (count < FEW) {
            for (int j = 0; j < count; j++) {
                x[j] = Math.exp(x[j]);
            }
            return;
        }
        double[] octaves = new double[TILE];
        for (int from = 0; from < count; from += TILE) {
            int width = Math.min(TILE, count - from);
            series(x, from, octaves, width);
            for (int j = 0; j < width; j++) {
                x[from + j] *= HALVINGS[(int) octaves[j]];
            }
        }
    }

    /** e^r of each number, |r| &lt;= ln 2 / 2, and how many times it is to be halved. */
    private static void series(double[] x, int from, double[] octaves, int width) {
        for (int j = 0; j < width; j++) {
            double bounded = Math.max(x[from + j], GONE);
            double m = (bounded * PER_OCTAVE + ROUND) - ROUND;
            double r = (bounded - m * LN2_HIGH) - m * LN2_LOW;
            octaves[j] = -m;
            double tail = 1 / 362_880.0
                    + r
                            * (1 / 3_628_800.0
                                    + r * (1 / 39_916_800.0 + r * (1 / 479_001_600.0 + r * (1 / 6_227_020_800.0))));
            double middle = 1 / 120.0 + r * (1 / 720.0 + r * (1 / 5_040.0 + r * (1 / 40_320.0 + r * tail)));
            x[from + j] = 1 + r * (1 + r * (1 / 2.0 + r * (1 / 6.0 + r * (1 / 24.0 + r * middle))));
        }
    }
}
