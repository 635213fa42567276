package dev.inlay.training;

import static dev.inlay.InlayException.require;

/**
 * How an adapter is trained.
 *
 * @param steps optimiser steps of the whole run, at least 1
 * @param learningRate highest rate of the {@code down} factors, positive
 * @param upRatio rate of the {@code up} factors over that (LoRA+); 1 for plain AdamW
 * @param warmUp steps over which the rate rises
 * @param optimiser settings of AdamW
 * @param clip largest norm of the whole gradient; infinity for no clipping
 * @param dropout probability that an input of the adapter is dropped, in [0, 1)
 * @param dropoutSeed decides which
 * @param evaluateEvery steps between evaluations; 0 for only at the end
 * @param patience evaluations without a new best before the run stops early; 0 for never
 * @param checkpointEvery steps between checkpoints; 0 for only at the end
 * @param memory what is kept for the gradient
 */
public record TrainingOptions(
        int steps,
        double learningRate,
        double upRatio,
        int warmUp,
        AdamW optimiser,
        double clip,
        double dropout,
        long dropoutSeed,
        int evaluateEvery,
        int patience,
        int checkpointEvery,
        Memory memory) {

    /** What is kept of the forward pass for the gradient. */
    public enum Memory {
        /** All values that the gradient needs. */
        KEEP,
        /** The input of each layer; the rest is computed again. Same gradients, a third more work. */
        RECOMPUTE
    }

    public TrainingOptions {
        require(steps >= 1, "steps must be at least 1, was %d", steps);
        require(
                learningRate > 0 && Double.isFinite(learningRate),
                "learning rate must be positive, was %s",
                learningRate);
        require(upRatio > 0 && Double.isFinite(upRatio), "the LoRA+ ratio must be positive, was %s", upRatio);
        require(warmUp >= 0 && warmUp <= steps, "warm-up must be within the %d steps, was %d", steps, warmUp);
        require(clip > 0, "the clipping norm must be positive, was %s", clip);
        require(dropout >= 0 && dropout < 1, "dropout must be in [0, 1), was %s", dropout);
        require(evaluateEvery >= 0, "steps between evaluations must not be negative, was %d", evaluateEvery);
        require(patience >= 0, "patience must not be negative, was %d", patience);
        require(checkpointEvery >= 0, "steps between checkpoints must not be negative, was %d", checkpointEvery);
    }

    /** The same with another highest learning rate. */
    public TrainingOptions withLearningRate(double rate) {
        return new TrainingOptions(
                steps,
                rate,
                upRatio,
                warmUp,
                optimiser,
                clip,
                dropout,
                dropoutSeed,
                evaluateEvery,
                patience,
                checkpointEvery,
                memory);
    }

    public Schedule schedule() {
        return new Schedule(warmUp, steps);
    }
}
