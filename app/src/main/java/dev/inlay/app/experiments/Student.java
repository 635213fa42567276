package dev.inlay.app.experiments;

import static dev.inlay.InlayException.require;

import org.hipparchus.special.Beta;

/** Student's t distribution. */
public final class Student {
    private static final double LARGEST = 20;
    private static final int HALVINGS = 60;

    private Student() {}

    /**
     * The t with P(|T| &lt; t) = 0.95: I_v/(v + t^2) (v/2, 1/2) = 0.05.
     *
     * @param freedom degrees of freedom v, at least 1
     */
    public static double quantile(int freedom) {
        require(freedom >= 1, "an interval needs at least one degree of freedom, was %d", freedom);
        double low = 0;
        double high = LARGEST;
        for (int k = 0; k < HALVINGS; k++) {
            double t = (low + high) / 2;
            boolean outside = Beta.regularizedBeta(freedom / (freedom + t * t), freedom / 2.0, 0.5) > 0.05;
            low = outside ? t : low;
            high = outside ? high : t;
        }
        return high;
    }
}
