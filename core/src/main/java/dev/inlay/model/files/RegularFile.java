package dev.inlay.model.files;

import dev.inlay.InlayException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/** Opens files for reading. Only regular files: a pipe would wait for ever, a device never ends. */
public final class RegularFile {
    private RegularFile() {}

    /**
     * Opens a file.
     *
     * @throws InlayException naming the reason, when the file is missing, a directory, not regular, a loop of links or
     *     not readable by this user
     */
    public static FileChannel open(Path file) {
        attributes(file);
        try {
            return FileChannel.open(file, StandardOpenOption.READ);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /**
     * The whole content.
     *
     * @param limit the most bytes to accept, checked before anything is allocated
     */
    public static byte[] read(Path file, int limit) {
        try (FileChannel channel = open(file)) {
            long size = channel.size();
            if (size > limit) {
                throw InlayException.data("%s: has %d bytes, at most %d are accepted here", file, size, limit);
            }
            ByteBuffer content = ByteBuffer.allocate((int) size);
            while (content.hasRemaining()) {
                if (channel.read(content) < 0) {
                    throw InlayException.data(
                            "%s: ended after %d of %d bytes; it changed while it was read",
                            file, content.position(), size);
                }
            }
            return content.array();
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    static BasicFileAttributes attributes(Path file) {
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(file, BasicFileAttributes.class);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        if (attributes.isDirectory()) {
            throw InlayException.data("%s: is a directory, a file is expected", file);
        }
        if (!attributes.isRegularFile()) {
            throw InlayException.data("%s: is not a regular file (a pipe, socket or device is never read)", file);
        }
        return attributes;
    }

    static InlayException unreadable(Path file, IOException e) {
        return reason(file, e).causedBy(e);
    }

    private static InlayException reason(Path file, IOException e) {
        if (e instanceof NoSuchFileException) {
            return InlayException.data("%s: does not exist", file);
        }
        if (e instanceof AccessDeniedException) {
            return InlayException.data("%s: no permission to read it", file);
        }
        if (e instanceof NotDirectoryException) {
            return InlayException.data("%s: a directory is expected", file);
        }
        if (e instanceof ClosedByInterruptException) {
            return new InlayException(InlayException.Kind.INTERRUPTED, file + ": reading was interrupted", null);
        }
        String text = e instanceof FileSystemException f && f.getReason() != null ? f.getReason() : e.getMessage();
        if (text != null && text.contains("symbolic links")) {
            return InlayException.data("%s: is a loop of symbolic links", file);
        }
        return InlayException.data("%s: cannot be read: %s", file, text == null ? e.toString() : text);
    }
}
