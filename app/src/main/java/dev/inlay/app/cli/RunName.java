package dev.inlay.app.cli;

import dev.inlay.InlayException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Where a new run is written. */
final class RunName {
    private static final Path RUNS = Path.of("runs");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private RunName() {}

    /** Says before any work what would be refused after it. */
    static void requireFree(Path directory) {
        InlayException.require(
                Files.notExists(directory.resolve("run.json")),
                "%s: a run of this name exists and is never overwritten; go on with it (--resume %s) or choose another"
                        + " --name",
                directory,
                directory);
    }

    /** The directory asked for, or the first free one named after the data. */
    static Path of(TrainOptions settings) {
        if (settings.out != null) {
            return settings.out;
        }
        if (settings.name != null) {
            InlayException.require(
                    NAME.matcher(settings.name).matches() && !settings.name.matches("\\.{1,2}"),
                    "--name must be 1 to 64 letters, digits, dots, underscores or dashes, was \"%s\"",
                    settings.name);
            return RUNS.resolve(settings.name);
        }
        Path file = settings.data.data.toAbsolutePath().normalize().getFileName();
        String stem = String.valueOf(file).replaceFirst("\\.[^.]*$", "").replaceAll("[^A-Za-z0-9._-]", "-");
        String name = stem.isBlank() || stem.equals("null") ? "run" : stem.substring(0, Math.min(48, stem.length()));
        int number = 1;
        while (Files.exists(RUNS.resolve(name + "-" + number))) {
            number++;
        }
        return RUNS.resolve(name + "-" + number);
    }
}
