package dev.inlay.app.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a new run is written. */
final class PlaceOptions {
    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "Name of the run: it is written to runs/NAME. Default: the data's name and a free number.")
    @Nullable
    String name;

    @Option(names = "--out", paramLabel = "DIR", description = "Directory of the run. Default: runs/NAME.")
    @Nullable
    Path out;

    /** Whether it was said where. */
    boolean isGiven() {
        return name != null || out != null;
    }

    /** The directory of a run on these data. */
    Path of(Path data) {
        return RunName.of(out, name, data);
    }
}
