package dev.inlay.app.experiments.mask;

import static dev.inlay.InlayException.require;

import java.util.List;

/**
 * Settings of {@link KeyExperiment}.
 *
 * @param arms to compare
 * @param rows to train on, for each register
 * @param heldOut rows to choose the learning rate by, and as many of another split to report on
 * @param epochs of each training
 * @param batch rows of a step
 * @param rank of the adapters, on every linear map but the head; alpha is twice the rank
 * @param rates learning rates to choose from, for each register and arm by itself
 * @param seeds trainings with the chosen rate; they differ in initialisation, order and rows
 */
public record KeyOptions(
        List<Arm> arms, int rows, int heldOut, int epochs, int batch, int rank, List<Double> rates, int seeds) {
    public KeyOptions {
        arms = List.copyOf(arms);
        require(!arms.isEmpty(), "at least one arm is needed");
        rates = List.copyOf(rates);
        require(rows >= batch && batch >= 1, "%d rows for steps of %d; a step takes at least one row", rows, batch);
        require(heldOut >= 2 && epochs >= 1 && rank >= 1, "held-out rows, epochs and rank must be positive");
        require(!rates.isEmpty(), "at least one learning rate is needed");
        rates.forEach(rate ->
                require(rate > 0 && Double.isFinite(rate), "a learning rate must be a positive number, was %s", rate));
        require(seeds >= 2, "an interval needs at least 2 seeds, was %d", seeds);
    }

    /** Number of trainings of all registers and arms. */
    public int trainings(int registers) {
        return registers * arms.size() * (rates.size() + seeds);
    }
}
