package dev.inlay.model.files;

import dev.inlay.InlayException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Files and directories under construction: {@code .NAME.RANDOM.inlay-tmp} beside the place they will take. */
final class Temporary {
    private static final String SUFFIX = ".inlay-tmp";
    /** Leaves room for the other parts of the name below the usual limit of 255 bytes. */
    private static final int LONGEST_NAME = 48;

    /** The systems' own words; the exception has no code. */
    private static final Pattern DISK_FULL = Pattern.compile("No space left|[Qq]uota exceeded|not enough space");

    /** What this process is writing now. */
    private static final Set<Path> UNFINISHED = new LinkedHashSet<>();

    /** Guards the set and whatever a process that ends must not interrupt; such a process takes it for good. */
    private static final ReentrantLock FATE = new ReentrantLock();

    private Temporary() {}

    /** A step that is done whole or, in a process that ends, not at all. */
    @FunctionalInterface
    interface Step {
        void take() throws IOException;
    }

    static void undisturbed(Step step) throws IOException {
        FATE.lock();
        try {
            step.take();
        } finally {
            FATE.unlock();
        }
    }

    /** The place where a file or directory is written; {@link #delete} ends it, also where it has got its name. */
    static Path begin(Path target) {
        Path temporary = sibling(target);
        FATE.lock();
        try {
            UNFINISHED.add(temporary);
        } finally {
            FATE.unlock();
        }
        return temporary;
    }

    /** See {@link AtomicDirectory#abandonAll}. */
    static void abandonAll() {
        FATE.lock(); // never given back: from here on others wait until the process has ended
        for (Path path : UNFINISHED) {
            Path aside = sibling(path);
            try {
                Files.move(path, aside, StandardCopyOption.ATOMIC_MOVE); // so that nothing new appears in it
                remove(aside);
            } catch (IOException e) {
                // Not begun, or complete already; or it stays for leftovers to report.
            }
        }
    }

    /** A sibling, because renaming works only inside one file system. */
    static Path sibling(Path target) {
        Path last = target.getFileName();
        if (last == null) {
            throw InlayException.usage("%s: has no name, so nothing can be written there", target);
        }
        String name = last.toString();
        String start = name.substring(0, Math.min(name.length(), LONGEST_NAME));
        return target.resolveSibling("." + start + "." + UUID.randomUUID() + SUFFIX);
    }

    static boolean isTemporary(Path path) {
        Path name = path.getFileName();
        return name != null
                && name.toString().startsWith(".")
                && name.toString().endsWith(SUFFIX);
    }

    static Path parent(Path target) {
        Path parent = target.toAbsolutePath().getParent();
        return parent == null ? target.toAbsolutePath() : parent;
    }

    /** Forces a file, or the names in a directory, to disk. Windows cannot open directories and needs no such step. */
    static void force(Path path) throws IOException {
        boolean directory = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
        if (directory && path.getFileSystem().getSeparator().equals("\\")) {
            return;
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Deletes what is there, links not followed; what cannot be deleted stays for {@code leftovers} to report. */
    static void delete(Path path) {
        FATE.lock();
        try {
            UNFINISHED.remove(path);
            remove(path);
        } catch (IOException e) {
            path.toFile().deleteOnExit();
        } finally {
            FATE.unlock();
        }
    }

    private static void remove(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.walkFileTree(path, new Deleting());
        }
    }

    static InlayException unwritable(Path target, long size, IOException e) {
        return unwritableReason(target, size, e).causedBy(e);
    }

    private static InlayException unwritableReason(Path target, long size, IOException e) {
        if (e instanceof NoSuchFileException) {
            return InlayException.data("%s: the directory %s does not exist", target, parent(target));
        }
        if (e instanceof AccessDeniedException) {
            return InlayException.data("%s: no permission to write in %s", target, parent(target));
        }
        String reason = e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : e.toString();
        if (DISK_FULL.matcher(reason).find()) {
            return InlayException.data(
                    "%s: the disk is full: %d bytes are needed, %d are free", target, size, free(target));
        }
        return InlayException.data("%s: cannot be written: %s", target, reason);
    }

    private static long free(Path target) {
        try {
            return Files.getFileStore(parent(target)).getUsableSpace();
        } catch (IOException e) {
            return -1;
        }
    }

    private static final class Deleting extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
            if (e != null) {
                throw e;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
