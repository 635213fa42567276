package dev.inlay.dynamics;

/** A system of ordinary differential equations: state' = drift(t, state). */
public interface Flow {
    /** Numbers in a state. */
    int size();

    /** @param out the derivative, [size], overwritten */
    void drift(double t, double[] state, double[] out);

    /** The drift without what keeps the state where it belongs, as published schemes step with it. */
    default void free(double t, double[] state, double[] out) {
        drift(t, state, out);
    }

    /** Puts a state back to where the exact flow would keep it, such as the sphere. */
    default void restore(double[] state) {}
}
