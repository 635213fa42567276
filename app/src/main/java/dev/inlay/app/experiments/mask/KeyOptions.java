package dev.inlay.app.experiments.mask;

import static dev.inlay.InlayException.require;

import dev.inlay.app.experiments.world.KeyChats.Answer;
import java.util.List;

/**
 * Settings of {@link KeyExperiment}.
 *
 * @param arms to compare
 * @param answers what is learned of each chat; the flag alone is what is judged
 * @param rows chats to train on, for each register
 * @param heldOut rows to choose the learning rate by, and as many of another split to report on
 * @param epochs of each training
 * @param batch answers of a step
 * @param rank of the adapters, on every linear map but the head; alpha is twice the rank
 * @param rates learning rates to choose from, for each register and arm by itself
 * @param seeds trainings with the chosen rate; they differ in initialisation, order and rows
 */
public record KeyOptions(
        List<Arm> arms,
        List<Answer> answers,
        int rows,
        int heldOut,
        int epochs,
        int batch,
        int rank,
        List<Double> rates,
        int seeds) {
    public KeyOptions {
        arms = List.copyOf(arms);
        require(!arms.isEmpty(), "at least one arm is needed");
        answers = List.copyOf(answers);
        require(!answers.isEmpty(), "at least one answer is needed");
        rates = List.copyOf(rates);
        require(batch >= 1 && rows >= 1, "rows and batch must be positive");
        require(
                (long) rows * answers.size() >= batch,
                "%d answers for steps of %d; use more rows or a smaller batch",
                (long) rows * answers.size(),
                batch);
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
