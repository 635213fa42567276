package dev.inlay.app.cli;

import dev.inlay.InlayException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay quickstart}: from data to an adapter that works, with nothing to prepare. */
@Command(
        name = "quickstart",
        description = {
            "Train a first adapter in about a minute, with the model that comes with Inlay and texts made on the spot,"
                    + " and see what it does. Needs no network.",
            "Ctrl-C in training saves a checkpoint and ends with code 7."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what has a default
final class QuickstartCommand implements Callable<Integer> {
    /** The launcher says where Inlay is; without it, here. */
    private static final String HOME = "inlay.home";

    private static final String MODEL = "models/small-world";
    private static final String NAME = "quickstart";

    private final Console console;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description =
                    "Another model of the small world, with a chat template. Default: the one that comes with Inlay.")
    private @Nullable Path model;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "3000",
            description = "Reviews to learn from. Default: ${DEFAULT-VALUE}.")
    private int rows;

    @Option(
            names = "--held-out",
            paramLabel = "N",
            defaultValue = "200",
            description = "Other reviews, to compare on. Default: ${DEFAULT-VALUE}.")
    private int heldOut;

    @Mixin
    private PlaceOptions place = new PlaceOptions();

    @Mixin
    private ThreadOption threads = new ThreadOption();

    QuickstartCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        InlayException.require(rows >= 1, "--rows must be at least 1, was %d", rows);
        InlayException.require(heldOut >= 1, "--held-out must be at least 1, was %d", heldOut);
        Path run = place.isGiven() ? place.of(Path.of(NAME)) : RunName.free(NAME, Quickstart::data);
        new Quickstart(model(), run, rows, heldOut, threads.count(), console).begin();
        return 0;
    }

    private Path model() {
        if (model != null) {
            return model;
        }
        Path home = Path.of(System.getProperty(HOME, ""));
        Path shipped = home.resolve(MODEL);
        InlayException.require(
                Files.isDirectory(shipped),
                "%s: the model that comes with Inlay is not there; start ./inlay from a complete checkout, or name a"
                        + " model: --model DIR",
                shipped);
        return shipped;
    }
}
