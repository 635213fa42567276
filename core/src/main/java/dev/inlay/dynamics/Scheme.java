package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

/** One step of fixed size. */
public sealed interface Scheme {
    /** Moves a state from t to t + h, in place. */
    void advance(Flow flow, double t, double h, double[] state);

    /** Euler's step as published simulations take it: on the sphere without projection, then normalised. First order. */
    record Euler() implements Scheme {
        @Override
        public void advance(Flow flow, double t, double h, double[] state) {
            double[] drift = new double[state.length];
            flow.free(t, state, drift);
            add(h, drift, state);
            flow.restore(state);
        }
    }

    /** Euler's step with the drift of the flow itself, then put back where it belongs. First order. */
    record ProjectedEuler() implements Scheme {
        @Override
        public void advance(Flow flow, double t, double h, double[] state) {
            double[] drift = new double[state.length];
            flow.drift(t, state, drift);
            add(h, drift, state);
            flow.restore(state);
        }
    }

    /** Along great circles: x becomes cos(|v| h) x + sin(|v| h) v / |v|. First order, exactly on the sphere. */
    record Geodesic() implements Scheme {
        @Override
        public void advance(Flow flow, double t, double h, double[] state) {
            require(flow instanceof Spherical, "a step along great circles needs tokens on the sphere");
            int d = ((Spherical) flow).dimension();
            double[] drift = new double[state.length];
            flow.drift(t, state, drift);
            for (int at = 0; at < state.length; at += d) {
                double square = 0;
                for (int k = at; k < at + d; k++) {
                    square += drift[k] * drift[k];
                }
                double speed = Math.sqrt(square);
                double along = Math.cos(speed * h);
                double aside = speed == 0 ? h : Math.sin(speed * h) / speed;
                for (int k = at; k < at + d; k++) {
                    state[k] = along * state[k] + aside * drift[k];
                }
            }
            flow.restore(state);
        }
    }

    /** The classical scheme of order 4, the attention made anew at all four stages. */
    record RungeKutta() implements Scheme {
        @Override
        public void advance(Flow flow, double t, double h, double[] state) {
            int size = state.length;
            double[] stage = new double[size];
            double[] first = new double[size];
            double[] second = new double[size];
            double[] third = new double[size];
            flow.drift(t, state, first);
            move(state, h / 2, first, stage);
            flow.drift(t + h / 2, stage, second);
            move(state, h / 2, second, stage);
            flow.drift(t + h / 2, stage, third);
            move(state, h, third, stage);
            for (int i = 0; i < size; i++) {
                first[i] += 2 * (second[i] + third[i]);
            }
            flow.drift(t + h, stage, second);
            for (int i = 0; i < size; i++) {
                state[i] += h / 6 * (first[i] + second[i]);
            }
            flow.restore(state);
        }
    }

    /**
     * The flow z' = lambda (m - z) with m = sum_j P_ij z_j held over the step: z becomes m + e^(-lambda h) (z - m), a
     * convex combination of tokens for every h, so no token leaves the hull. First order.
     */
    record Exponential(double lambda) implements Scheme {
        public Exponential {
            require(lambda > 0, "the exponential step needs V = lambda I with lambda > 0, found %s", lambda);
        }

        @Override
        public void advance(Flow flow, double t, double h, double[] state) {
            double[] drift = new double[state.length];
            flow.drift(t, state, drift);
            add(-Math.expm1(-lambda * h) / lambda, drift, state);
        }
    }

    /**
     * Euler's step with noise: x += h drift + noise sqrt(h) xi, xi standard normal in all coordinates, then put back (RAND).
     */
    record EulerMaruyama(double noise, Mersenne random) implements Scheme {
        @Override
        public void advance(Flow flow, double t, double h, double[] state) {
            double[] drift = new double[state.length];
            flow.drift(t, state, drift);
            double deviation = noise * Math.sqrt(h);
            for (int i = 0; i < state.length; i++) {
                state[i] += h * drift[i] + deviation * random.normal();
            }
            flow.restore(state);
        }
    }

    private static void move(double[] state, double h, double[] drift, double[] out) {
        for (int i = 0; i < state.length; i++) {
            out[i] = state[i] + h * drift[i];
        }
    }

    private static void add(double h, double[] drift, double[] state) {
        for (int i = 0; i < state.length; i++) {
            state[i] += h * drift[i];
        }
    }
}
