package dev.inlay.training;

/**
 * What one step did.
 *
 * @param step from 1
 * @param epoch from 0
 * @param loss sum over the step's targets divided by their number, in nats, before the step
 * @param learningRate of the {@code down} factors
 * @param gradientNorm of the whole gradient, before clipping
 * @param tokens tokens read
 * @param targets tokens that carried loss
 * @param seconds wall time
 */
public record StepReport(
        int step,
        int epoch,
        double loss,
        double learningRate,
        double gradientNorm,
        int tokens,
        int targets,
        double seconds) {}
