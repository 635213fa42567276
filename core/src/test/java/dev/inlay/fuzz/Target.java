package dev.inlay.fuzz;

import dev.inlay.InlayException.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * A reader under attack.
 *
 * @param name on the command line
 * @param kinds the kinds of error that its files may cause
 * @param seeds what it reads without an error
 * @param reading the reader
 */
public record Target(String name, Set<Kind> kinds, List<Seed> seeds, Reading reading) {
    /** Reads the files of a directory as a user's command would. */
    @FunctionalInterface
    public interface Reading {
        void read(Path directory);
    }
}
