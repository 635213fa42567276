package dev.inlay.app.cli;

import dev.inlay.engine.Workers;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many processor cores are used. */
final class ThreadOption {
    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads, each on its own rows; changes no result. Default: the number of cores.")
    @Nullable
    Integer threads;

    int count() {
        return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    }

    Workers workers() {
        return Workers.of(count());
    }
}
