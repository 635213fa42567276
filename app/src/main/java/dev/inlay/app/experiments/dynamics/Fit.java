package dev.inlay.app.experiments.dynamics;

import dev.inlay.app.experiments.Student;
import java.util.Arrays;

/**
 * A straight line through logarithms: ln y = intercept + slope ln x.
 *
 * @param points used: those with x and y above 0
 * @param low lower end of the slope's 95 % interval (Student's t)
 * @param high its upper end
 */
public record Fit(String x, String y, int points, double slope, double low, double high, double intercept) {
    /** Fits; slope and interval are NaN for fewer than three points or one x. */
    static Fit of(String x, String y, double[] xs, double[] ys) {
        double[][] logs = new double[2][xs.length];
        int n = 0;
        for (int k = 0; k < xs.length; k++) {
            if (xs[k] > 0 && ys[k] > 0 && Double.isFinite(ys[k])) {
                logs[0][n] = Math.log(xs[k]);
                logs[1][n++] = Math.log(ys[k]);
            }
        }
        double meanX = Arrays.stream(logs[0], 0, n).average().orElse(0);
        double meanY = Arrays.stream(logs[1], 0, n).average().orElse(0);
        double xx = 0;
        double xy = 0;
        double yy = 0;
        for (int k = 0; k < n; k++) {
            xx += Math.pow(logs[0][k] - meanX, 2);
            xy += (logs[0][k] - meanX) * (logs[1][k] - meanY);
            yy += Math.pow(logs[1][k] - meanY, 2);
        }
        if (n < 3 || xx < 1e-20) {
            return new Fit(x, y, n, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
        }
        double slope = xy / xx;
        double error = Math.sqrt(Math.max(0, yy - slope * xy) / (n - 2) / xx);
        double reach = Student.quantile(n - 2) * error;
        return new Fit(x, y, n, slope, slope - reach, slope + reach, meanY - slope * meanX);
    }
}
