package dev.inlay.dynamics;

/** A state for each time of an interval. */
public interface Path {
    double start();

    double end();

    /** The state at a time of the interval. */
    double[] at(double t);

    default double[] last() {
        return at(end());
    }
}
