package dev.inlay.app.experiments.modular;

/**
 * Where a curve falls below a level.
 *
 * @param at the place, or the last one that was looked at
 * @param isReached whether it fell; else the place lies beyond {@code at}
 */
record Fall(double at, boolean isReached) {
    /** Infinite where it never fell: to be put in order. */
    double orInfinity() {
        return isReached ? at : Double.POSITIVE_INFINITY;
    }
}
