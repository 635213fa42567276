package dev.inlay.app.cli;

import dev.inlay.app.experiments.dynamics.PhaseRun;
import dev.inlay.app.experiments.dynamics.Setting;
import dev.inlay.app.experiments.dynamics.Variable;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay dynamics phases}: which tokens of the sphere have met by when, over the inverse temperature. */
@Command(
        name = "phases",
        description = {
            "Share of pairs of tokens that have met and number of clusters, over time and inverse temperature, as means over",
            "many starts. Without settings: 32 tokens on the circle until t = 30 in projected Euler steps of 0.1."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class DynamicsPhasesCommand implements Callable<Integer> {
    private static final Map<String, String> PUBLISHED =
            Map.of("space", "sphere", "tokens", "32", "start", "sphere", "time", "30", "scheme", "projected-euler");

    private final Console console;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The directory to write.")
    private Path out;

    @Option(
            names = "--betas",
            paramLabel = "VALUES",
            defaultValue = "0.1:9:90",
            description = "1,2,3 or low:high:count or log:low:high:count. Default: ${DEFAULT-VALUE}.")
    private String betas = "";

    @Option(
            names = "--starts",
            paramLabel = "N",
            defaultValue = "256",
            description = "Starts for each beta. Default: ${DEFAULT-VALUE}; published diagrams have 2048.")
    private int starts;

    @Option(names = "--times", paramLabel = "N", defaultValue = "200", description = "Default: ${DEFAULT-VALUE}.")
    private int times;

    @Mixin
    DynamicsOptions options = new DynamicsOptions();

    @Mixin
    ConfigOption config = new ConfigOption();

    DynamicsPhasesCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Map<String, String> texts = new LinkedHashMap<>(PUBLISHED);
        texts.putAll(options.texts());
        List<Double> values = Variable.parse("beta=" + betas).values();
        PhaseRun run = new PhaseRun(Setting.of(texts), values, starts, times);
        try (WorkBar bar = new WorkBar(console, "phases", (long) values.size() * starts)) {
            run.write(out, bar);
        }
        console.result("wrote " + out + ": " + values.size() + " x " + starts + " runs; look at "
                + out.resolve("report.html"));
        console.result(DynamicsCommand.result(out));
        return 0;
    }
}
