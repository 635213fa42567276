package dev.inlay.dynamics;

import java.util.Arrays;

/** Directions and lengths of tokens under a {@link Normalisation} (NORM). The state is theta [n, d], then r [n]. */
public final class Normalised implements TokenFlow {
    private final Spherical sphere;
    private final Normalisation normalisation;
    private final double length;

    /** @param length r of all tokens at time 0 */
    public Normalised(Spherical sphere, Normalisation normalisation, double length) {
        this.sphere = sphere;
        this.normalisation = normalisation;
        this.length = length;
    }

    @Override
    public int tokens() {
        return sphere.tokens();
    }

    @Override
    public int dimension() {
        return sphere.dimension();
    }

    @Override
    public int size() {
        return tokens() * (dimension() + 1);
    }

    @Override
    public double[] start(double[] x) {
        double[] state = Arrays.copyOf(x, size());
        Arrays.fill(state, x.length, size(), length);
        restore(state);
        return state;
    }

    @Override
    public void restore(double[] state) {
        int n = tokens() * dimension();
        double[] directions = Arrays.copyOf(state, n);
        Spherical.normalise(directions, dimension());
        System.arraycopy(directions, 0, state, 0, n);
    }

    /** theta. */
    @Override
    public double[] positions(double t, double[] state) {
        return Arrays.copyOf(state, tokens() * dimension());
    }

    @Override
    public void drift(double t, double[] state, double[] out) {
        int n = tokens();
        int d = dimension();
        double[] theta = positions(t, state);
        double[] output = new double[n * d];
        sphere.free(t, theta, output);
        for (int i = 0; i < n; i++) {
            double along = 0;
            double square = 0;
            for (int k = i * d; k < (i + 1) * d; k++) {
                along += theta[k] * output[k];
                square += output[k] * output[k];
            }
            double size = Math.sqrt(square);
            double scale = 1 / normalisation.slowness(t, state[n * d + i], size);
            for (int k = i * d; k < (i + 1) * d; k++) {
                out[k] = scale * (output[k] - along * theta[k]);
            }
            out[n * d + i] = normalisation.stretch(t, along, size);
        }
    }

    @Override
    public Weighing weighing(double t, double[] state) {
        return sphere.weighing(t, positions(t, state));
    }
}
