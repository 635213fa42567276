package dev.inlay.dynamics;

/**
 * Where a transformer normalises; with x_i = r_i theta_i the direction obeys theta_i' = P(A_i) / s_i, A_i the attention
 * output at theta (arXiv 2510.22026; the formulas are derived from its family).
 */
public sealed interface Normalisation {
    /** s at time t for a token of length r and output of length a. */
    double slowness(double t, double r, double a);

    /** r' for the part of the output along theta and the output's length; 0 where lengths play no part. */
    default double stretch(double t, double along, double a) {
        return 0;
    }

    /** s = 1. */
    record Post() implements Normalisation {
        @Override
        public double slowness(double t, double r, double a) {
            return 1;
        }
    }

    /** s = r, r' = &lt;theta, A&gt;. */
    record Pre() implements Normalisation {
        @Override
        public double slowness(double t, double r, double a) {
            return r;
        }

        @Override
        public double stretch(double t, double along, double a) {
            return along;
        }
    }

    /** s = r |A|, r' = &lt;theta, A&gt; / |A|. */
    record Peri() implements Normalisation {
        @Override
        public double slowness(double t, double r, double a) {
            return r * a;
        }

        @Override
        public double stretch(double t, double along, double a) {
            return along / a;
        }
    }

    /** Post before the switch, Pre from it on. */
    record Mix(double until) implements Normalisation {
        @Override
        public double slowness(double t, double r, double a) {
            return t < until ? 1 : r;
        }

        @Override
        public double stretch(double t, double along, double a) {
            return t < until ? 0 : along;
        }
    }

    /** s = |A| / alpha (nGPT). */
    record NormalisedStep(double alpha) implements Normalisation {
        @Override
        public double slowness(double t, double r, double a) {
            return a / alpha;
        }
    }

    /** s = sqrt(t + 1). */
    record SquareRoot() implements Normalisation {
        @Override
        public double slowness(double t, double r, double a) {
            return Math.sqrt(t + 1);
        }
    }
}
