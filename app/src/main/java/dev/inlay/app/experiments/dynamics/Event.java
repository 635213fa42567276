package dev.inlay.app.experiments.dynamics;

/**
 * Something that happens at a time.
 *
 * @param run {@code base} or {@code changed}
 * @param kind {@code clustering}, {@code bifurcation}, {@code second-clustering}, {@code boolean}, {@code switch},
 *     {@code one-cluster} or {@code divergence}
 * @param detail which token, where there is one
 */
public record Event(double time, String run, String kind, String detail) {}
