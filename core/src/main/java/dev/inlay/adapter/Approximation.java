package dev.inlay.adapter;

/**
 * A change of fewer ranks in place of another.
 *
 * @param change what stands in
 * @param error {@code |other - change| / |other|} in Frobenius norms before the factors are rounded to their element type;
 *     0 where nothing was left out
 */
public record Approximation(LowRank change, double error) {}
