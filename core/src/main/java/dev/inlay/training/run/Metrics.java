package dev.inlay.training.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.model.files.AtomicFile;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.RegularFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The file {@code metrics.jsonl}: what happened in a run, one JSON object per line, each written at once.
 *
 * <p>Its format is public API, version 1; fields may be added, none changes. Numbers have full precision; a number that
 * is not finite is null. Every event has {@code event} and {@code step} first and {@code time} last, in seconds since
 * 1970-01-01 UTC.
 *
 * <table>
 * <caption>Fields of the events</caption>
 * <tr><td>{@code start}</td><td>{@code steps} of the whole run, {@code parameters} that are trained</td></tr>
 * <tr><td>{@code step}</td><td>{@code epoch} from 0; {@code loss}: sum over target tokens divided by their number, in
 *     nats; {@code tokens} read since the run began; {@code lr}; {@code grad_norm} before clipping; {@code tok_s}: tokens
 *     per second of the step; {@code mem_bytes}: peak memory of the process</td></tr>
 * <tr><td>{@code eval}</td><td>{@code loss}, {@code perplexity}, {@code targets}: number of target tokens,
 *     {@code best}: whether it is the best so far</td></tr>
 * <tr><td>{@code checkpoint}</td><td>{@code name} of the directory, {@code best}</td></tr>
 * <tr><td>{@code warning}</td><td>{@code message}; each once</td></tr>
 * <tr><td>{@code end}</td><td>{@code status}: done, early (no better evaluation for long), stopped (on request) or failed,
 *     then with {@code message}; {@code loss} of the last step, {@code best_loss}, {@code best_step}, {@code tokens},
 *     {@code targets}, {@code warnings}: their messages</td></tr>
 * </table>
 *
 * <p>A resumed run is cut back to the line before its checkpoint, so that it ends with the same lines as one that was
 * never interrupted, but for {@code tok_s}, {@code mem_bytes} and {@code time}.
 */
public final class Metrics implements AutoCloseable {
    /** Decimals of the time in seconds. */
    private static final int MILLISECONDS = 3;

    private final Path file;
    private final FileChannel channel;
    private long lines;

    private Metrics(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Opens the file for appending and keeps its first lines only; a line that was cut short is none. */
    static Metrics open(Path file, long keep) {
        try {
            long bytes = Files.exists(file) ? bytes(file, keep) : 0;
            if (bytes < 0) {
                throw InlayException.data(
                        "%s: the checkpoint was made after %d lines and fewer are left; restore the file, or start a new run",
                        file, keep);
            }
            if (!Files.exists(file) || Files.size(file) != bytes) {
                cut(file, bytes);
            }
            Metrics metrics = new Metrics(file, append(file));
            metrics.lines = keep;
            return metrics;
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private static FileChannel append(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.APPEND);
    }

    /** Length of the first lines; negative where there are fewer. */
    private static long bytes(Path file, long keep) throws IOException {
        ByteBuffer window = ByteBuffer.allocate(1 << 16);
        long found = 0;
        long at = 0;
        try (FileChannel channel = RegularFile.open(file)) {
            while (found < keep && channel.read(window.clear()) >= 0) {
                window.flip();
                while (found < keep && window.hasRemaining()) {
                    found += window.get() == '\n' ? 1 : 0;
                    at++;
                }
            }
        }
        return found == keep ? at : -1;
    }

    private static void cut(Path file, long bytes) {
        AtomicFile.Body body = target -> {
            if (bytes > 0) {
                copy(file, bytes, target);
            }
        };
        AtomicFile.write(file, bytes, body, written -> {});
    }

    private static void copy(Path file, long bytes, FileChannel target) throws IOException {
        try (FileChannel source = FileChannel.open(file, StandardOpenOption.READ)) {
            for (long at = 0; at < bytes; ) {
                at += source.transferTo(at, bytes - at, target);
            }
        }
    }

    /** Lines in the file. */
    long lines() {
        return lines;
    }

    /** Messages of the warnings in the file, in order. */
    List<String> warnings() {
        List<String> messages = new ArrayList<>();
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.startsWith("{\"event\":\"warning\"")) {
                    JsonNode event = Json.parse(line, file.toString());
                    messages.add(event.path("message").asText());
                }
            }
        } catch (IOException e) {
            throw InlayException.data("%s: cannot be read: %s", file, e).causedBy(e);
        }
        return messages;
    }

    /** Adds a line; it is with the system when this returns, so a killed process does not lose it. */
    void append(Event event) {
        BigDecimal time = BigDecimal.valueOf(System.currentTimeMillis(), MILLISECONDS);
        String line = event.with("time", time).line() + "\n";
        ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            lines++;
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    /** Forces the lines to disk. */
    void force() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }

    private static InlayException unwritable(Path file, IOException e) {
        return InlayException.data("%s: cannot be written: %s", file, e.getMessage())
                .causedBy(e);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw unwritable(file, e);
        }
    }
}
