package dev.inlay.training.run;

import dev.inlay.training.Evaluation;
import dev.inlay.training.Progress;

/** Shows a run while it goes on. Called on the thread that trains. */
public interface RunDisplay {
    /** After each step. */
    default void stepped(StepRecord step) {}

    /** After each evaluation. */
    default void evaluated(Evaluation.Result result, Progress progress) {}

    /** A checkpoint of this name is complete. */
    default void saved(String checkpoint, Progress progress) {}

    /** What resuming found: where the run goes on, what was skipped or removed. */
    default void noted(String line) {}

    /** Something a user should know; each message once. */
    default void warned(String message) {}
}
