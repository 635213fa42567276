package dev.inlay.app.cli;

import picocli.CommandLine.Command;

/** {@code inlay plan}: what {@code train} would do, without doing it. */
@Command(
        name = "plan",
        description = "Show what train would do: settings, data, adapter, memory and time. Writes nothing.")
final class PlanCommand extends TrainCommand {
    PlanCommand(Console console) {
        super(console);
    }

    @Override
    boolean isPlan() {
        return true;
    }
}
