package dev.inlay.testing;

import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Real models and texts that lie beside the repository, in a folder {@code shared/data} of this directory or of one
 * above it. They are never part of the repository: a test that needs them is tagged {@code data} and skips when they are
 * absent.
 */
public final class SharedData {
    private static final Path FOLDER = Path.of("shared", "data");

    private SharedData() {}

    /** The file or directory of that name, looked for upwards from the working directory. */
    public static Optional<Path> find(String name) {
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            Path candidate = at.resolve(FOLDER).resolve(name);
            if (Files.exists(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** The file or directory of that name; where it is absent the calling test is skipped, saying so. */
    public static Path require(String name) {
        return find(name).orElseGet(() -> abort("skipped: " + FOLDER.resolve(name) + " is not beside the repository"));
    }
}
