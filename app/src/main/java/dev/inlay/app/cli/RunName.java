package dev.inlay.app.cli;

import dev.inlay.InlayException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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

    /**
     * {@code runs/NAME}, or the first {@code runs/NAME-2}, {@code runs/NAME-3}, ... that is free.
     *
     * @param beside another path that must be free for the run
     */
    static Path free(String name, UnaryOperator<Path> beside) {
        return free(RUNS, name, beside);
    }

    static Path free(Path runs, String name, UnaryOperator<Path> beside) {
        Path run = runs.resolve(name);
        for (int number = 2; Files.exists(run) || Files.exists(beside.apply(run)); number++) {
            run = runs.resolve(name + "-" + number);
        }
        return run;
    }

    /** The directory asked for, or the first free one named after the data. */
    static Path of(@Nullable Path out, @Nullable String name, Path data) {
        if (out != null) {
            return out;
        }
        if (name != null) {
            InlayException.require(
                    NAME.matcher(name).matches() && !name.matches("\\.{1,2}"),
                    "--name must be 1 to 64 letters, digits, dots, underscores or dashes, was \"%s\"",
                    name);
            return RUNS.resolve(name);
        }
        Path file = data.toAbsolutePath().normalize().getFileName();
        String stem = String.valueOf(file).replaceFirst("\\.[^.]*$", "").replaceAll("[^A-Za-z0-9._-]", "-");
        String base = stem.isBlank() || stem.equals("null") ? "run" : stem.substring(0, Math.min(48, stem.length()));
        int number = 1;
        while (Files.exists(RUNS.resolve(base + "-" + number))) {
            number++;
        }
        return RUNS.resolve(base + "-" + number);
    }
}
