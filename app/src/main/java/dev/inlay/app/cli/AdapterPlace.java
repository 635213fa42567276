package dev.inlay.app.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where an adapter lies: in the directory given, or in {@code adapter/} of a run directory. */
final class AdapterPlace {
    private AdapterPlace() {}

    static Path of(Path given) {
        Path inRun = given.resolve("adapter");
        boolean isRun = !Files.exists(given.resolve("adapter_config.json")) && Files.isDirectory(inRun);
        return isRun ? inRun : given;
    }
}
