package dev.inlay.app.cli;

import dev.inlay.app.experiments.dynamics.SimulationRun;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay dynamics run}: one simulation, base and changed. */
@Command(name = "run", description = "Run one simulation and write its trajectories, events and report.")
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class DynamicsRunCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The directory to write.")
    private Path out;

    @Mixin
    DynamicsOptions options = new DynamicsOptions();

    @Mixin
    ConfigOption config = new ConfigOption();

    DynamicsRunCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        DynamicsCommand.show(console, SimulationRun.write(out, options.setting()));
        console.result("wrote " + out + "; look at " + out.resolve("report.html"));
        console.result(DynamicsCommand.result(out));
        return 0;
    }
}
