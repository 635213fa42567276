package dev.inlay.app.cli;

import dev.inlay.app.experiments.flags.Given;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether flags are measured, and how they are put together. */
final class FlagOptions {
    @Option(
            names = "--flag",
            paramLabel = "GIVEN",
            description =
                    "Measure, instead of the loss, how well the model tells FLAG: PASS from FLAG: FAIL at the end of"
                            + " the assistant's last turn. review: the turn stands before the flag as it was written; alone: the"
                            + " flag is all of the turn.")
    @Nullable
    Given given;

    @Option(
            names = "--by",
            paramLabel = "LABEL",
            description =
                    "With --flag: also by each value of this label, which NAME.labels.jsonl has line for line beside"
                            + " NAME.jsonl.")
    @Nullable
    String label;

    @Option(
            names = "--task",
            paramLabel = "LABEL",
            description =
                    "With --flag: rows with one value of this label are no independent observations; intervals draw them"
                            + " together. Default: each row by itself.")
    @Nullable
    String task;

    boolean isAlone() {
        return given == null && (label != null || task != null);
    }
}
