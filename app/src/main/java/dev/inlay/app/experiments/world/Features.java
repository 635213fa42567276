package dev.inlay.app.experiments.world;

/**
 * A text as numbers; columns that are not named are 0.
 *
 * @param columns ascending
 * @param values one for each of these columns
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier of arrays, never compared or written to
record Features(int[] columns, double[] values) {}
