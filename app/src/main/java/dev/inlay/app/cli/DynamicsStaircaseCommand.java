package dev.inlay.app.cli;

import dev.inlay.app.experiments.dynamics.StaircaseRun;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay dynamics staircase}: the energy of tokens on a circle. */
@Command(
        name = "staircase",
        description = {
            "Let five tokens on a circle climb the energy, from the published start, for several inverse temperatures:",
            "long flat steps, and a stair where tokens merge."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class DynamicsStaircaseCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The directory to write.")
    private Path out;

    @Option(
            names = "--beta",
            split = ",",
            paramLabel = "X",
            defaultValue = "500,1000,1500,2000,3000,4000",
            description = "Inverse temperatures. Default: ${DEFAULT-VALUE}.")
    private List<Double> betas = List.of();

    @Option(
            names = "--stride",
            paramLabel = "X",
            defaultValue = "1e-5",
            description = "Length of a step over ln(beta). Default: ${DEFAULT-VALUE}.")
    private double stride;

    @Option(
            names = "--iterations",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "Steps. Default: ${DEFAULT-VALUE}.")
    private int iterations;

    @Mixin
    ConfigOption config = new ConfigOption();

    DynamicsStaircaseCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        List<Integer> apart = new StaircaseRun(betas, stride, iterations).write(out);
        for (int k = 0; k < apart.size(); k++) {
            console.result("  beta " + betas.get(k) + ": " + apart.get(k) + " tokens apart at the end");
        }
        console.result("wrote " + out + "; look at " + out.resolve("report.html"));
        console.result(DynamicsCommand.result(out));
        return 0;
    }
}
