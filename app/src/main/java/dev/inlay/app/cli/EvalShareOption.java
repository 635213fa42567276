package dev.inlay.app.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many rows are set aside to evaluate on. */
final class EvalShareOption {
    @Option(
            names = "--eval-share",
            paramLabel = "SHARE",
            description = "Share of the rows set aside for evaluation where there are no others; 0 for none."
                    + " Default: 0.05, and 0 of fewer than 20 rows.")
    @Nullable
    Double share;
}
