package dev.inlay.app.cli;

import dev.inlay.InlayException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inlay info}: what lies in a model or adapter directory. */
@Command(
        name = "info",
        description = {
            "Show what a model directory or an adapter directory holds.",
            "With --model, an adapter is checked against that model and its changes are measured."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class InfoCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "DIR", description = "Model, adapter or run directory.")
    private Path directory;

    @Option(names = "--model", paramLabel = "DIR", description = "The model that the adapter is for.")
    private @Nullable Path model;

    InfoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Path place = AdapterPlace.of(directory);
        if (Files.exists(place.resolve("adapter_config.json"))) {
            AdapterInfo.of(place, model, console).show(console);
        } else if (Files.exists(directory.resolve("config.json"))) {
            ModelInfo.of(directory, console).show(console);
        } else {
            throw InlayException.data(
                    "%s: expected a model (config.json) or an adapter (adapter_config.json), found neither", directory);
        }
        return 0;
    }
}
