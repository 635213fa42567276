package dev.inlay.model.files;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A safetensors file, open for reading.
 *
 * <p>Layout: {@code u64 little-endian N}, {@code N} bytes of JSON header, data. The data of all tensors is row-major and
 * little-endian, follows without holes, and ends with the file. Opening checks, in this order and before anything is
 * allocated: the length prefix; the header's size (at most {@value #MAX_HEADER} bytes and inside the file); its encoding;
 * its JSON; names; metadata; each entry's keys, shape, and size; that the ranges start at 0 and neither overlap nor leave
 * holes; that they end with the file. Rank 0, empty tensors, any order of entries, unaligned data and non-finite values
 * are legal.
 *
 * <p>Reads are positioned, never mapped: a mapped file that shrinks stops the process. A file that changes while it is
 * open is an error at the next read. Safe for use by several threads.
 */
public final class SafetensorsFile implements AutoCloseable {
    /** Largest header in bytes, the reference library's cap. */
    public static final int MAX_HEADER = 100_000_000;

    private static final int PREFIX = Long.BYTES;

    private final Path path;
    private final FileChannel channel;
    private final BasicFileAttributes opened;
    private final long dataStart;
    private final SafetensorsHeader header;

    private SafetensorsFile(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        this.opened = RegularFile.attributes(path);
        long size = channel.size();
        int headerSize = headerSize(size);
        this.dataStart = PREFIX + (long) headerSize;
        byte[] text = new byte[headerSize];
        fill(ByteBuffer.wrap(text), PREFIX);
        this.header = SafetensorsHeader.parse(text, path.toString());
        if (dataStart + header.end() != size) {
            throw InlayException.data(
                    "%s: has %d bytes, header and tensors take %d: the file is %s",
                    path,
                    size,
                    dataStart + header.end(),
                    dataStart + header.end() < size ? "followed by something else" : "cut off");
        }
    }

    /**
     * Opens a file and checks all of it but the values.
     *
     * @throws InlayException naming the file, the place and the reason
     */
    public static SafetensorsFile open(Path path) {
        FileChannel channel = RegularFile.open(path);
        boolean good = false;
        try {
            SafetensorsFile file = new SafetensorsFile(path, channel);
            good = true;
            return file;
        } catch (IOException e) {
            throw RegularFile.unreadable(path, e);
        } finally {
            if (!good) {
                close(path, channel);
            }
        }
    }

    public Path path() {
        return path;
    }

    /** All tensors by name, in the order of the header. */
    public Map<String, StoredTensor> tensors() {
        return Collections.unmodifiableMap(header.tensors());
    }

    /** The file's own text: empty where it has none. */
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(header.metadata());
    }

    /** What a reader should know and may ignore, one line each. */
    public List<String> notes() {
        return Collections.unmodifiableList(header.notes());
    }

    /** The tensor of that name; an error where there is none. */
    public StoredTensor tensor(String name) {
        StoredTensor tensor = header.tensors().get(name);
        if (tensor == null) {
            throw InlayException.data("%s: holds no tensor %s", path, Quoted.name(name));
        }
        return tensor;
    }

    /**
     * Reads bytes of one tensor.
     *
     * @param offset first byte, counted from the start of the tensor
     * @param destination is filled from its position to its limit
     * @throws InlayException when the file ends early or has changed since it was opened
     */
    public void read(StoredTensor tensor, long offset, ByteBuffer destination) {
        Objects.checkFromIndexSize(offset, destination.remaining(), tensor.bytes());
        try {
            fill(destination, dataStart + tensor.begin() + offset);
        } catch (IOException e) {
            throw RegularFile.unreadable(path, e);
        }
        checkUnchanged();
    }

    /**
     * Reads a tensor into the current scope, on the processor, without a second copy.
     *
     * @return [the stored shape] in the stored type; I32 and U8 become INT64
     * @throws InlayException when the type is one that Inlay does not compute with
     */
    public Tensor load(StoredTensor tensor) {
        return new TensorReading(this, tensor).load();
    }

    /**
     * The same in another type, also without a second copy: from F16 and BF16 to FLOAT32 exactly, otherwise rounded to the
     * nearest.
     */
    public Tensor load(StoredTensor tensor, DType type) {
        try (Scope scope = Scope.open()) {
            return scope.keep(new TensorReading(this, tensor).load(type));
        }
    }

    @Override
    public void close() {
        close(path, channel);
    }

    private int headerSize(long fileSize) throws IOException {
        if (fileSize < PREFIX) {
            throw InlayException.data(
                    "%s: %s; a safetensors file has at least %d bytes",
                    path, fileSize == 0 ? "is empty" : "has only " + fileSize + " bytes", PREFIX);
        }
        byte[] start = new byte[(int) Math.min(fileSize, Signature.LENGTH)];
        fill(ByteBuffer.wrap(start), 0);
        long size = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (size < 0 || size > MAX_HEADER || size > fileSize - PREFIX) {
            throw InlayException.data(
                    "%s: is not safetensors: its header would take %s bytes, at most %d are possible%s",
                    path,
                    Long.toUnsignedString(size),
                    Math.min(MAX_HEADER, fileSize - PREFIX),
                    Signature.describe(start));
        }
        return (int) size;
    }

    private void fill(ByteBuffer destination, long position) throws IOException {
        long at = position;
        while (destination.hasRemaining()) {
            int count = channel.read(destination, at);
            if (count < 0) {
                throw InlayException.data("%s: ended at byte %d, it was cut while it was read", path, at);
            }
            at += count;
        }
    }

    // A file renamed over this one leaves our open file as it was; yet what was announced is no longer what is there.
    private void checkUnchanged() {
        BasicFileAttributes now = RegularFile.attributes(path);
        if (now.size() != opened.size()
                || !now.lastModifiedTime().equals(opened.lastModifiedTime())
                || !Objects.equals(now.fileKey(), opened.fileKey())) {
            throw InlayException.data(
                    "%s: was changed or replaced while it was read; start again when it is complete", path);
        }
    }

    private static void close(Path path, FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw RegularFile.unreadable(path, e);
        }
    }
}
