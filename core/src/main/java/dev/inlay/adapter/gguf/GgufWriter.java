package dev.inlay.adapter.gguf;

import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.files.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Writes GGUF files of version 3 with texts, float32 numbers and lists of whole numbers as keys; the layout is {@link GgufFile}'s. The same content
 * gives the same bytes. The file appears whole, read again, or not at all.
 */
final class GgufWriter {
    private static final int WINDOW = 1 << 20;

    private GgufWriter() {}

    /**
     * A tensor to write.
     *
     * @param values of any shape up to four dimensions; converted to the type
     */
    record Entry(String name, GgufType type, Tensor values) {
        long bytes() {
            return values.count() * type.computed().bytes();
        }
    }

    /**
     * Creates or replaces a file.
     *
     * @param keys values are {@link String}, {@link Float} or an array of int
     * @param check reads the new file before it takes its place
     */
    static void write(Path target, SortedMap<String, Object> keys, List<Entry> tensors, AtomicFile.Validation check) {
        byte[] header = header(keys, tensors);
        long size = GgufFile.aligned(header.length);
        for (Entry tensor : tensors) {
            size += GgufFile.aligned(tensor.bytes());
        }
        AtomicFile.write(target, size, channel -> write(channel, header, tensors), check);
    }

    private static void write(FileChannel channel, byte[] header, List<Entry> tensors) throws IOException {
        padded(channel, ByteBuffer.wrap(header));
        for (Entry tensor : tensors) {
            try (Scope scope = Scope.open()) {
                Tensor values = tensor.values()
                        .detached()
                        .to(Device.CPU)
                        .to(tensor.type().computed())
                        .contiguous();
                for (long at = 0; at < values.byteCount(); at += WINDOW) {
                    int length = (int) Math.min(WINDOW, values.byteCount() - at);
                    fully(channel, values.bytes(at, length));
                }
                fully(channel, padding(values.byteCount()));
            }
        }
    }

    private static void padded(FileChannel channel, ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        fully(channel, bytes);
        fully(channel, padding(length));
    }

    private static ByteBuffer padding(long length) {
        return ByteBuffer.allocate((int) (GgufFile.aligned(length) - length));
    }

    private static void fully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static byte[] header(SortedMap<String, Object> keys, List<Entry> tensors) {
        List<byte[]> parts = new ArrayList<>();
        parts.add("GGUF".getBytes(StandardCharsets.US_ASCII));
        parts.add(u32(GgufFile.VERSION));
        parts.add(u64(tensors.size()));
        parts.add(u64(keys.size()));
        for (Map.Entry<String, Object> key : keys.entrySet()) {
            parts.add(text(key.getKey()));
            if (key.getValue() instanceof Float number) {
                parts.add(u32(GgufFile.FLOAT32));
                parts.add(u32(Float.floatToIntBits(number)));
            } else if (key.getValue() instanceof int[] numbers) {
                parts.add(u32(GgufFile.ARRAY));
                parts.add(u32(GgufFile.UINT32));
                parts.add(u64(numbers.length));
                for (int number : numbers) {
                    parts.add(u32(number));
                }
            } else {
                parts.add(u32(GgufFile.TEXT));
                parts.add(text((String) key.getValue()));
            }
        }
        long offset = 0;
        for (Entry tensor : tensors) {
            parts.add(text(tensor.name()));
            long[] shape = tensor.values().shape();
            parts.add(u32(shape.length));
            for (int i = shape.length - 1; i >= 0; i--) {
                parts.add(u64(shape[i]));
            }
            parts.add(u32(tensor.type().number()));
            parts.add(u64(offset));
            offset += GgufFile.aligned(tensor.bytes());
        }
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        parts.forEach(header::writeBytes);
        return header.toByteArray();
    }

    private static byte[] text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(bytes.length)
                .put(bytes)
                .array();
    }

    private static byte[] u32(int value) {
        return ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array();
    }

    private static byte[] u64(long value) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }
}
