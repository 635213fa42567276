package dev.inlay.dynamics;

/** A flow of n tokens in d dimensions that attend to each other. */
public interface TokenFlow extends Flow {
    /** n. */
    int tokens();

    /** d. */
    int dimension();

    /** The state in which these tokens [n, d] stand at time 0. */
    default double[] start(double[] x) {
        double[] state = x.clone();
        restore(state);
        return state;
    }

    /** Where the tokens of a state stand, [n, d]. */
    default double[] positions(double t, double[] state) {
        return state.clone();
    }

    /** How the tokens of a state attend to each other; of several heads in the first. */
    Weighing weighing(double t, double[] state);
}
