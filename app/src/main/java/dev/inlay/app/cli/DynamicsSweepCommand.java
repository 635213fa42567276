package dev.inlay.app.cli;

import dev.inlay.app.experiments.dynamics.Design;
import dev.inlay.app.experiments.dynamics.SweepRun;
import dev.inlay.app.experiments.dynamics.Variable;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay dynamics sweep}: many simulations. */
@Command(
        name = "sweep",
        description = {
            "Run a simulation for all combinations of values, or for random ones, on all cores. A sweep that was stopped",
            "goes on when it is begun again; the files do not depend on threads or interruptions."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class DynamicsSweepCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The directory to write or go on with.")
    private Path out;

    @Option(
            names = "--vary",
            split = ";",
            paramLabel = "NAME=VALUES",
            description = "A setting, or a word in braces in the text of one, such as eps in"
                    + " --change \"value diagonal 2 -{eps}\". Values: 1,2,3 or low:high:count or log:low:high:count."
                    + " Several are parted by semicolons; the flag may be given again.")
    private @Nullable List<String> vary;

    @Option(
            names = "--random",
            paramLabel = "N",
            defaultValue = "0",
            description = "So many random combinations between least and greatest values instead of the grid.")
    private int random;

    @Option(
            names = "--design-seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of random combinations. Default: ${DEFAULT-VALUE}.")
    private long designSeed;

    @Mixin
    DynamicsOptions options = new DynamicsOptions();

    @Mixin
    ConfigOption config = new ConfigOption();

    DynamicsSweepCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        List<Variable> variables =
                vary == null ? List.of() : vary.stream().map(Variable::parse).toList();
        run(console, out, new Design(options.texts(), variables, random, designSeed));
        return 0;
    }

    static void run(Console console, Path out, Design design) {
        design.setting(0);
        SweepRun.Result result;
        try (WorkBar bar = new WorkBar(console, "sweep", design.size())) {
            result = SweepRun.write(out, design, bar);
        }
        result.fits().stream()
                .filter(fit -> Double.isFinite(fit.slope()))
                .forEach(fit -> console.result(String.format(
                        Locale.ROOT,
                        "  ln %-18s over ln %-10s slope %8.4f  95 %% interval %8.4f to %8.4f  (%d points)",
                        fit.y(),
                        fit.x(),
                        fit.slope(),
                        fit.low(),
                        fit.high(),
                        fit.points())));
        if (!result.failures().isEmpty()) {
            int first = result.failures().firstKey();
            console.warn(String.format(
                    Locale.ROOT,
                    "%d of %d runs failed (column failed of sweep.csv); run %d: %s",
                    result.failures().size(),
                    design.size(),
                    first,
                    result.failures().get(first)));
        }
        console.result("wrote " + out + ": " + design.size() + " runs; look at " + out.resolve("report.html"));
        console.result(DynamicsCommand.result(out));
    }
}
