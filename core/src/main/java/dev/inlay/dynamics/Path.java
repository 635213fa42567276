package dev.inlay.dynamics;

/** A state for each time of an interval. */
public interface Path {
    double start();

    double end();

    /** The state at a time of the interval. */
    double[] at(double t);

    /** Size of steps that are all of one size; 0 where a scheme chooses them by its error. */
    default double step() {
        return 0;
    }

    default double[] last() {
        return at(end());
    }
}
