package dev.inlay.model.files;

import dev.inlay.InlayException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * A file that appears whole or not at all, also when the machine stops: written beside its place, forced to disk,
 * validated, renamed, and the directory forced to disk. A file that others have open is never written over; they keep
 * the old one.
 */
public final class AtomicFile {
    private AtomicFile() {}

    /** Writes the content of a new file. */
    @FunctionalInterface
    public interface Body {
        void write(FileChannel channel) throws IOException;
    }

    /** Reads the new file before it takes its place; throws when it must not. */
    @FunctionalInterface
    public interface Validation {
        void check(Path written) throws IOException;
    }

    /**
     * Creates or replaces a file.
     *
     * @param size bytes that the body will write, named when the disk is full
     * @throws InlayException when the file cannot be written; nothing is left behind and a former file is untouched
     */
    public static void write(Path target, long size, Body body, Validation validation) {
        Path temporary = Temporary.begin(target);
        try {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
                body.write(channel);
                channel.force(true);
            }
            validation.check(temporary);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            Temporary.force(Temporary.parent(target));
        } catch (IOException e) {
            throw Temporary.unwritable(target, size, e);
        } finally {
            Temporary.delete(temporary);
        }
    }

    /** Creates or replaces a file with this content. */
    public static void write(Path target, byte[] content) {
        Body body = channel -> {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        };
        write(target, content.length, body, written -> {});
    }

    /** Creates or replaces a file with this text in UTF-8, for example the name of the latest checkpoint. */
    public static void write(Path target, String text) {
        write(target, text.getBytes(StandardCharsets.UTF_8));
    }
}
