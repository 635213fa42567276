package dev.inlay.training.data;

import dev.inlay.InlayException;
import dev.inlay.model.files.Fingerprint;
import dev.inlay.model.files.RegularFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Function;

/** What a data file was when it was read: size in bytes, time of change, SHA-256 of its content. */
public record FileStamp(Path path, long bytes, FileTime modified, String sha256) {

    /** A value read from a file, and the file's stamp at that time. */
    record Stamped<T>(T value, FileStamp stamp) {}

    /**
     * Reads a regular file from its first to its last byte.
     *
     * @throws InlayException if it is no regular file (a pipe is never opened), cannot be read, or changes meanwhile
     */
    static <T> Stamped<T> read(Path path, Function<InputStream, T> reader) {
        try (FileChannel file = RegularFile.open(path)) {
            long bytes = Files.size(path);
            FileTime modified = Files.getLastModifiedTime(path);
            MessageDigest digest = sha256Digest();
            InputStream in = new DigestInputStream(Channels.newInputStream(file), digest);
            T value = reader.apply(in);
            in.transferTo(OutputStream.nullOutputStream());
            FileStamp stamp =
                    new FileStamp(path, bytes, modified, HexFormat.of().formatHex(digest.digest()));
            if (Files.size(path) != bytes || !Files.getLastModifiedTime(path).equals(modified)) {
                throw stamp.changed("while it was read");
            }
            return new Stamped<>(value, stamp);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /**
     * To be called before each epoch and at resume: training on a file that is no longer the one described is not
     * repeatable.
     *
     * @throws InlayException if size or content is not the recorded one (a new time alone is no change)
     */
    public void verify() {
        if (!Files.isRegularFile(path)) {
            throw changed("since it was read: it is gone");
        }
        try {
            boolean sameSize = Files.size(path) == bytes;
            boolean sameTime = Files.getLastModifiedTime(path).equals(modified);
            if (!sameSize || (!sameTime && !Fingerprint.sha256(path).equals(sha256))) {
                throw changed("since it was read");
            }
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    private InlayException changed(String when) {
        return InlayException.data(
                "%s: changed %s (expected %,d bytes, SHA-256 %s); restore it, or start a new run",
                path, when, bytes, sha256);
    }

    private static InlayException unreadable(Path path, IOException e) {
        return InlayException.data("%s: cannot be read: %s", path, e.getMessage())
                .causedBy(e);
    }

    private static MessageDigest sha256Digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
