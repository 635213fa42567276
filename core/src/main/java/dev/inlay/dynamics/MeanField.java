package dev.inlay.dynamics;

import java.util.List;

/** T8 (arXiv 2305.05465, section 2): the flow of measures is stable, W2(t) &lt;= e^C(t) W2(0). */
public final class MeanField {
    private static final int SAMPLES = 32;

    private MeanField() {}

    /**
     * Holds two runs of one {@link Euclidean} flow from different starts against it, with the explicit exponent of {@link
     * Bounds#logEuclidean}: tokens are paired by the best assignment of the starts.
     */
    public static Finding stability(Trial first, Trial second) {
        int d = first.dimension();
        double[] x = first.first();
        double[] y = second.first();
        int[] pairs = Wasserstein.assignment(x, y, d);
        double apart = 0;
        for (int i = 0; i < pairs.length; i++) {
            apart = Math.max(apart, Geometry.squaredDistance(x, i, y, pairs[i], d));
        }
        Bounds bounds = new Bounds(first.head(), first.head(), Math.max(first.scale(), second.scale()));
        double worst = Double.NEGATIVE_INFINITY;
        for (int k = 1; k <= SAMPLES; k++) {
            double t = first.time(k, SAMPLES);
            double distance = Wasserstein.distance(first.at(t), second.at(t), d);
            worst = Math.max(worst, Math.log(distance) - bounds.logEuclidean(t, Math.sqrt(apart)));
        }
        return new Finding(
                "T8: measures stay as near as Gronwall's inequality says",
                List.of(
                        first.softmax(),
                        Hypothesis.of("same head", first.head().equals(second.head())),
                        Hypothesis.of("beta = 1", first.beta() == 1 && second.beta() == 1)),
                "largest ln W2 - ln bound",
                worst,
                0);
    }
}
