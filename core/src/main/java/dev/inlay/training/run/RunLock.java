package dev.inlay.training.run;

import dev.inlay.InlayException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * The right to write a run: a lock of the system on the file {@code lock}, which ends with the process however that ends.
 * The file holds the process's number and stays. Only its last possible byte is locked, so that others can read it.
 */
final class RunLock implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;

    private RunLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    static RunLock take(Path run) {
        Path file = run.resolve("lock");
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                String holder = Files.readString(file).strip();
                channel.close();
                throw InlayException.usage(
                        "%s: process %s is writing this run; wait for it, stop it, or choose another name",
                        run, holder.matches("\\d{1,19}") ? holder : "of unknown number");
            }
            String number = ProcessHandle.current().pid() + "\n";
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(number.getBytes(StandardCharsets.UTF_8)));
            return new RunLock(file, channel);
        } catch (IOException e) {
            throw unlockable(file, e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock(Long.MAX_VALUE - 1, 1, false);
        } catch (OverlappingFileLockException e) {
            return null; // this process holds it already
        }
    }

    private static InlayException unlockable(Path file, IOException e) {
        return InlayException.data("%s: cannot be locked: %s", file, e.getMessage())
                .causedBy(e);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw unlockable(file, e);
        }
    }
}
