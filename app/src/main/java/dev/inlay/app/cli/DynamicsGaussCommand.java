package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.app.experiments.dynamics.GaussRun;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay dynamics gauss}: infinitely many Gaussian tokens. */
@Command(
        name = "gauss",
        description = {
            "Follow mean and covariance of infinitely many Gaussian tokens in R^d, find when they are infinite, and"
                    + " compare",
            "them with many tokens that are drawn."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class DynamicsGaussCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The directory to write.")
    private Path out;

    @Option(
            names = "--dimension",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of the tokens. Default: ${DEFAULT-VALUE}.")
    private int dimension;

    @Option(
            names = "--score",
            paramLabel = "MATRIX",
            defaultValue = "identity",
            description = "A = Q'K, as dynamics run reads it. Default: ${DEFAULT-VALUE}.")
    private String score = "identity";

    @Option(
            names = "--value",
            paramLabel = "MATRIX",
            defaultValue = "identity",
            description = "V, likewise. Default: ${DEFAULT-VALUE}.")
    private String value = "identity";

    @Option(
            names = "--mean",
            paramLabel = "NUMBERS",
            defaultValue = "0",
            description = "Of the tokens at time 0, \"1 0.5\". Default: ${DEFAULT-VALUE}, in one dimension.")
    private String mean = "0";

    @Option(
            names = "--covariance",
            paramLabel = "MATRIX",
            defaultValue = "identity",
            description = "Of the tokens at time 0. Default: ${DEFAULT-VALUE}.")
    private String covariance = "identity";

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Of one draw. Default: ${DEFAULT-VALUE}.")
    private int tokens;

    @Option(
            names = "--draws",
            paramLabel = "N",
            defaultValue = "8",
            description = "Independent draws. Default: ${DEFAULT-VALUE}.")
    private int draws;

    @Option(
            names = "--time",
            paramLabel = "X",
            defaultValue = "1",
            description =
                    "Until when; a field that ends before is followed to 0.9 of its time. Default: ${DEFAULT-VALUE}.")
    private double time;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "numpy's seed of all that is drawn. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    ConfigOption config = new ConfigOption();

    DynamicsGaussCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        GaussRun.Result result =
                new GaussRun(dimension, score, value, mean, covariance, tokens, draws, time, seed).write(out);
        result.end()
                .ifPresentOrElse(
                        end -> console.result(
                                String.format(Locale.ROOT, "the covariance is infinite at t = %.8g", end)),
                        () -> console.result("the covariance stays finite until t = " + time));
        result.closed()
                .ifPresent(end -> console.result(String.format(Locale.ROOT, "closed form 1 / (2 V A S0) = %.8g", end)));
        console.result(String.format(
                Locale.ROOT,
                "field and draws at t = %.5g differ by at most %.3g standard errors",
                result.last(),
                result.deviation()));
        console.result("wrote " + out + "; look at " + out.resolve("report.html"));
        ObjectNode object = DynamicsCommand.result(out);
        result.end().ifPresent(end -> object.put("end", end));
        object.put("deviation", result.deviation());
        console.result(object);
        return 0;
    }
}
