package dev.inlay.training;

/** Follows a run: shows it, writes it down, saves it. Called on the thread that trains. */
public interface TrainingListener {
    default void stepped(StepReport report) {}

    /** After an evaluation; {@code progress.isBest()} tells whether to keep it. */
    default void evaluated(Evaluation.Result result, Progress progress) {}

    /** Where a checkpoint is due; also at the end and after a requested stop. */
    default void checkpoint(Progress progress) {}

    /** Something a user should know; each is said once. */
    default void warned(String message) {}
}
