package dev.inlay.app.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The file that {@link ConfigFile} reads before the command line is parsed. */
final class ConfigOption {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "YAML file whose keys are the names of these flags; flags on the command line win.")
    @Nullable
    Path file;
}
