package dev.inlay.model.files;

import dev.inlay.InlayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory that appears whole or not at all: filled beside its place, every file forced to disk, validated, renamed,
 * and the parent forced to disk.
 *
 * <p>A process that is killed can leave a temporary directory beside the target (one that is asked to end need not, see
 * {@link #abandonAll}); {@link #leftovers} finds them. Nothing reads
 * them: they are incomplete by definition.
 */
public final class AtomicDirectory {
    private AtomicDirectory() {}

    /** What to do with a directory that is there already. */
    public enum Existing {
        /** An error, unless it is empty. */
        REFUSE,
        /** The new one takes its place once complete; until then the old one stays. */
        REPLACE
    }

    /** Fills the new directory. */
    @FunctionalInterface
    public interface Body {
        void fill(Path directory) throws IOException;
    }

    /**
     * Creates a directory.
     *
     * @throws InlayException when it exists and must not, or cannot be written; nothing is left behind and a former
     *     directory is untouched
     */
    public static void write(Path target, Existing existing, Body body, AtomicFile.Validation validation) {
        if (existing == Existing.REFUSE && occupied(target)) {
            throw refused(target);
        }
        Path temporary = Temporary.begin(target);
        try {
            Files.createDirectories(Temporary.parent(target));
            Files.createDirectory(temporary);
            body.fill(temporary);
            forceAll(temporary);
            validation.check(temporary);
            place(temporary, target, existing);
            Temporary.force(Temporary.parent(target));
        } catch (IOException e) {
            throw Temporary.unwritable(target, size(temporary), e);
        } finally {
            Temporary.delete(temporary);
        }
    }

    /**
     * Removes a directory, or what a stopped process left behind. No reader sees a part of it: before anything is deleted
     * it steps aside under a temporary name.
     */
    public static void delete(Path directory) {
        if (Temporary.isTemporary(directory)) {
            Temporary.delete(directory);
            return;
        }
        Path aside = Temporary.begin(directory);
        try {
            Files.move(directory, aside, StandardCopyOption.ATOMIC_MOVE);
            Temporary.force(Temporary.parent(directory));
        } catch (IOException e) {
            throw Temporary.unwritable(directory, 0, e);
        }
        Temporary.delete(aside);
    }

    /**
     * Deletes what this process has half written, files and directories, for a process that ends at once: whoever is
     * writing them waits for that end, and nobody begins or completes anything any more.
     */
    public static void abandonAll() {
        Temporary.abandonAll();
    }

    /** Temporary files and directories in this directory that a stopped process left behind, sorted by name. */
    public static List<Path> leftovers(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(Temporary::isTemporary).sorted().toList();
        } catch (IOException e) {
            throw RegularFile.unreadable(directory, e);
        }
    }

    // Renaming onto a directory that is not empty fails, so the old one steps aside first. If the process dies in
    // between, the old one is complete under its temporary name and the new one too: nothing is lost.
    private static void place(Path temporary, Path target, Existing existing) throws IOException {
        if (!occupied(target)) {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        if (existing == Existing.REFUSE) {
            throw refused(target);
        }
        Path aside = Temporary.sibling(target);
        Temporary.undisturbed(() -> {
            Files.move(target, aside, StandardCopyOption.ATOMIC_MOVE);
            try {
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
                throw e;
            }
        });
        Temporary.delete(aside);
    }

    private static boolean occupied(Path target) {
        if (!Files.isDirectory(target)) {
            return Files.exists(target, LinkOption.NOFOLLOW_LINKS);
        }
        try (Stream<Path> entries = Files.list(target)) {
            return entries.findAny().isPresent();
        } catch (IOException e) {
            throw RegularFile.unreadable(target, e);
        }
    }

    private static InlayException refused(Path target) {
        return InlayException.usage("%s: exists already and is never overwritten; choose another directory", target);
    }

    private static void forceAll(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Temporary.force(path);
            }
        }
    }

    private static long size(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            return 0;
        }
    }
}
