package dev.inlay.app.cli;

import dev.inlay.app.experiments.modular.ModularOptions;
import dev.inlay.app.experiments.modular.ModularRun;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay dynamics modular}: whether depth makes a model forget. */
@Command(
        name = "modular",
        description = {
            "Train small transformers of several depths on modular addition to one accuracy, tune them on subtraction, and",
            "measure how fast addition is forgotten. An experiment that was stopped goes on when it is begun again; its",
            "files do not depend on threads or interruptions."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class DynamicsModularCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The directory to write or go on with.")
    private Path out;

    @Mixin
    ModularFlags flags = new ModularFlags();

    @Mixin
    ThreadOption threads = new ThreadOption();

    @Mixin
    ConfigOption config = new ConfigOption();

    DynamicsModularCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        ModularOptions options = flags.options();
        List<String> lines;
        try (WorkBar bar = new WorkBar(console, "modular", ModularRun.work(options))) {
            lines = ModularRun.write(out, options, threads.count(), bar);
        }
        lines.forEach(console::result);
        console.result("wrote " + out + "; look at " + out.resolve("report.html"));
        console.result(DynamicsCommand.result(out));
        return 0;
    }
}
