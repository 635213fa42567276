package dev.inlay.app.experiments.modular;

import static dev.inlay.InlayException.require;

import org.hipparchus.special.Erf;

/**
 * A straight line y = intercept + slope x through values of which some are only known to lie above limits: the most
 * likely one for normal errors of one deviation (Tobin 1958), by expectation and maximisation. Without censored values it
 * is the line of least squares.
 */
record CensoredLine(double intercept, double slope) {
    private static final int ITERATIONS = 2000;
    private static final double STILL = 1e-10;
    private static final int FEWEST = 3;

    /**
     * Fits.
     *
     * @param ys values, or the limits above which they lie
     * @param isKnown whether it is the value
     * @return NaN for fewer than three known values or one x
     */
    static CensoredLine of(double[] xs, double[] ys, boolean[] isKnown) {
        require(
                xs.length == ys.length && xs.length == isKnown.length,
                "a line needs as many x as y, were %d and %d",
                xs.length,
                ys.length);
        int known = 0;
        for (boolean each : isKnown) {
            known += each ? 1 : 0;
        }
        double[] expected = ys.clone();
        CensoredLine line = leastSquares(xs, expected);
        if (known < FEWEST || Double.isNaN(line.slope)) {
            return new CensoredLine(Double.NaN, Double.NaN);
        }
        double deviation = Math.sqrt(line.squares(xs, expected) / xs.length);
        double moved = known == xs.length ? 0 : 1;
        for (int i = 0; i < ITERATIONS && moved > STILL && deviation > STILL; i++) {
            double spread = 0;
            for (int k = 0; k < xs.length; k++) {
                if (!isKnown[k]) {
                    double mean = line.intercept + line.slope * xs[k];
                    double z = (ys[k] - mean) / deviation;
                    double above = hazard(z);
                    expected[k] = mean + deviation * above;
                    spread += deviation * deviation * Math.max(0, 1 + z * above - above * above);
                }
            }
            CensoredLine next = leastSquares(xs, expected);
            deviation = Math.sqrt((next.squares(xs, expected) + spread) / xs.length);
            moved = Math.abs(next.slope - line.slope) + Math.abs(next.intercept - line.intercept);
            line = next;
        }
        return line;
    }

    /** Density of the standard normal over the probability above z; about z + 1/z far out, where both vanish. */
    private static double hazard(double z) {
        double above = Erf.erfc(z / Math.sqrt(2)) / 2;
        return above > 1e-300 ? Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) / above : z + 1 / z;
    }

    private static CensoredLine leastSquares(double[] xs, double[] ys) {
        int n = xs.length;
        double meanX = 0;
        double meanY = 0;
        for (int k = 0; k < n; k++) {
            meanX += xs[k] / n;
            meanY += ys[k] / n;
        }
        double xx = 0;
        double xy = 0;
        for (int k = 0; k < n; k++) {
            xx += (xs[k] - meanX) * (xs[k] - meanX);
            xy += (xs[k] - meanX) * (ys[k] - meanY);
        }
        double slope = xx > 0 ? xy / xx : Double.NaN;
        return new CensoredLine(meanY - slope * meanX, slope);
    }

    private double squares(double[] xs, double[] ys) {
        double sum = 0;
        for (int k = 0; k < xs.length; k++) {
            double error = ys[k] - intercept - slope * xs[k];
            sum += error * error;
        }
        return sum;
    }
}
