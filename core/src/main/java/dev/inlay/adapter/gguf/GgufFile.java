package dev.inlay.adapter.gguf;

import dev.inlay.InlayException;
import dev.inlay.engine.Device;
import dev.inlay.engine.Tensor;
import dev.inlay.model.files.RegularFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A GGUF file of F32, F16 or BF16 tensors, open for reading: what an adapter consists of.
 *
 * <p>Layout, all little-endian: {@code "GGUF"}, u32 version {@value #VERSION}, u64 number of tensors, u64 number of keys;
 * each key as text (u64 length, UTF-8 bytes), u32 type and value; each tensor as text, u32 number of dimensions, u64 sizes
 * from the fastest on, u32 element type, u64 offset; then the data, beginning at a multiple of {@value #ALIGNMENT} and each
 * tensor at such a multiple of bytes behind that.
 *
 * <p>Opening checks all of this before anything is allocated for it: every length lies inside the file and below a bound,
 * names and keys are unique, sizes do not overflow, the tensors follow each other without overlap or hole, and the file
 * ends with the last of them (or its padding).
 */
public final class GgufFile implements AutoCloseable {
    static final int VERSION = 3;
    static final int ALIGNMENT = 32;
    /** Value types of keys that adapters need. */
    static final int FLOAT32 = 6;

    static final int UINT32 = 4;
    static final int ARRAY = 9;

    static final int TEXT = 8;

    private static final int LARGEST_HEADER = 64 << 20;
    private static final int WINDOW = 1 << 20;

    private final Path path;
    private final FileChannel channel;
    private final GgufHeader header;

    /**
     * Where a tensor lies.
     *
     * @param shape slowest first
     * @param offset of its first byte, behind the start of the data
     */
    record Place(GgufType type, List<Long> shape, long offset, long bytes) {}

    private GgufFile(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        long size = channel.size();
        ByteBuffer start =
                ByteBuffer.allocate((int) Math.min(size, LARGEST_HEADER)).order(ByteOrder.LITTLE_ENDIAN);
        fill(start, 0);
        this.header = GgufHeader.parse(start.flip(), size, path.toString());
    }

    /** Opens a file and checks all of it but the values. */
    public static GgufFile open(Path path) {
        FileChannel channel = RegularFile.open(path);
        boolean good = false;
        try {
            GgufFile file = new GgufFile(path, channel);
            good = true;
            return file;
        } catch (IOException e) {
            throw unreadable(path, e);
        } finally {
            if (!good) {
                close(path, channel);
            }
        }
    }

    /** The text of a key; empty if it is absent or no text. */
    public Optional<String> text(String key) {
        return Optional.ofNullable(header.keys().get(key))
                .filter(String.class::isInstance)
                .map(String.class::cast);
    }

    /** The float32 of a key; empty if it is absent or no float32. */
    public Optional<Float> number(String key) {
        return Optional.ofNullable(header.keys().get(key))
                .filter(Float.class::isInstance)
                .map(Float.class::cast);
    }

    /** Whether the file has a key, of any type. */
    public boolean has(String key) {
        return header.keys().containsKey(key);
    }

    /** The list of uint32 of a key; empty if it is absent or something else. */
    public Optional<int[]> numbers(String key) {
        return Optional.ofNullable(header.keys().get(key))
                .filter(int[].class::isInstance)
                .map(int[].class::cast);
    }

    /** Names of the tensors in the order of the file, and where they lie. */
    Map<String, Place> tensors() {
        return Collections.unmodifiableMap(header.tensors());
    }

    /** A tensor in its own type, owned by the innermost scope. */
    Tensor load(String name) {
        Place place = header.tensors().get(name);
        if (place == null) {
            throw InlayException.adapter("%s: holds no tensor %s", path, name);
        }
        Tensor tensor = Tensor.empty(
                place.type().computed(),
                Device.CPU,
                place.shape().stream().mapToLong(Long::longValue).toArray());
        try {
            for (long at = 0; at < place.bytes(); at += WINDOW) {
                ByteBuffer window = tensor.bytes(at, (int) Math.min(WINDOW, place.bytes() - at));
                fill(window, header.dataStart() + place.offset() + at);
            }
        } catch (IOException e) {
            throw unreadable(path, e);
        }
        return tensor;
    }

    Path path() {
        return path;
    }

    static long aligned(long length) {
        return Math.addExact(length, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private void fill(ByteBuffer destination, long position) throws IOException {
        long at = position;
        while (destination.hasRemaining()) {
            int read = channel.read(destination, at);
            if (read < 0) {
                throw InlayException.adapter("%s: ended at byte %d; it changed while it was read", path, at);
            }
            at += read;
        }
    }

    private static InlayException unreadable(Path path, IOException e) {
        return InlayException.data("%s: cannot be read: %s", path, e.getMessage())
                .causedBy(e);
    }

    private static void close(Path path, FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    @Override
    public void close() {
        close(path, channel);
    }
}
