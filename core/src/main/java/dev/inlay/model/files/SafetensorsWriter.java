package dev.inlay.model.files;

import dev.inlay.InlayException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes safetensors files; the same tensors and metadata give the same bytes.
 *
 * <p>Tensors are sorted by type, the widest first, then by name (in the order of UTF-8 bytes), and follow each other from
 * 0 on. The header begins with its brace, holds the metadata with sorted keys (always with {@code "format": "pt"}, which
 * transformers wants), and is padded with spaces so that the data starts at a multiple of 8. The file appears whole,
 * forced to disk and read again, or not at all; a file that is open elsewhere is replaced, never written over.
 */
public final class SafetensorsWriter {
    private static final int ALIGNMENT = 8;

    /** The order of text in UTF-8, in which names of tensors are sorted everywhere. */
    static final Comparator<String> BY_BYTES =
            Comparator.comparing(text -> text.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    private static final Comparator<NewTensor> FILE_ORDER =
            Comparator.comparing(NewTensor::type).reversed().thenComparing(NewTensor::name, BY_BYTES);

    private SafetensorsWriter() {}

    /**
     * Creates or replaces a file.
     *
     * @param metadata goes to {@code __metadata__}
     * @throws InlayException when a name occurs twice, the header is above the reader's cap, a content refuses its values
     *     or the disk is full; nothing is left behind then
     */
    public static void write(Path target, List<NewTensor> tensors, Map<String, String> metadata) {
        List<NewTensor> sorted = new ArrayList<>(tensors);
        sorted.sort(FILE_ORDER);
        checkNames(sorted, target);
        byte[] header = header(sorted, metadata);
        if (header.length > SafetensorsFile.MAX_HEADER) {
            throw InlayException.data(
                    "%s: the header of %d tensors would take %d bytes, at most %d are possible",
                    target, tensors.size(), header.length, SafetensorsFile.MAX_HEADER);
        }
        long size = Long.BYTES + header.length + bytes(sorted);
        AtomicFile.write(target, size, channel -> write(channel, header, sorted), written -> check(written, sorted));
    }

    private static void write(FileChannel channel, byte[] header, List<NewTensor> tensors) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(Long.BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
        writeFully(channel, start.putLong(header.length).put(header).flip());
        try {
            for (NewTensor tensor : tensors) {
                tensor.writeTo(bytes -> writeUnchecked(channel, bytes));
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void writeUnchecked(FileChannel channel, ByteBuffer bytes) {
        try {
            writeFully(channel, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static void check(Path written, List<NewTensor> tensors) {
        try (SafetensorsFile file = SafetensorsFile.open(written)) {
            for (NewTensor tensor : tensors) {
                StoredTensor found = file.tensor(tensor.name());
                if (found.type() != tensor.type() || !Arrays.equals(found.shape(), tensor.shape())) {
                    throw new IllegalStateException("wrote " + found + " for tensor " + tensor.name());
                }
            }
        }
    }

    private static void checkNames(List<NewTensor> tensors, Path target) {
        Set<String> seen = new HashSet<>();
        for (NewTensor tensor : tensors) {
            SafetensorsHeader.checkName(tensor.name(), target.toString());
            if (tensor.name().equals(SafetensorsHeader.METADATA) || !seen.add(tensor.name())) {
                throw InlayException.data(
                        "%s: the tensor name %s is reserved or occurs twice", target, Quoted.name(tensor.name()));
            }
        }
    }

    static long bytes(List<NewTensor> tensors) {
        return tensors.stream().mapToLong(NewTensor::bytes).reduce(0, Math::addExact);
    }

    private static byte[] header(List<NewTensor> sorted, Map<String, String> metadata) {
        Map<String, String> withFormat = new TreeMap<>(metadata);
        withFormat.put("format", "pt");
        StringBuilder header = new StringBuilder("{\"")
                .append(SafetensorsHeader.METADATA)
                .append("\":")
                .append(Json.line(withFormat));
        long begin = 0;
        for (NewTensor tensor : sorted) {
            long end = begin + tensor.bytes();
            header.append(",%s:{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                    .formatted(
                            Json.line(tensor.name()),
                            tensor.type(),
                            Arrays.toString(tensor.shape()).replace(" ", ""),
                            begin,
                            end));
            begin = end;
        }
        byte[] text = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
        byte[] padded = Arrays.copyOf(text, (text.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
        Arrays.fill(padded, text.length, padded.length, (byte) ' ');
        return padded;
    }
}
