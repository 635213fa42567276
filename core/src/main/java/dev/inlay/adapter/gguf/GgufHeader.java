package dev.inlay.adapter.gguf;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.inlay.InlayException;
import dev.inlay.adapter.gguf.GgufFile.Place;
import dev.inlay.model.files.StrictUtf8;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What stands before the data of a GGUF file.
 *
 * @param keys values of the types that adapters need; null for the others, which are skipped
 * @param dataStart first byte of the data
 */
record GgufHeader(Map<String, @Nullable Object> keys, Map<String, Place> tensors, long dataStart) {
    static GgufHeader parse(ByteBuffer start, long fileSize, String source) {
        return new Parser(start, fileSize, source).parse();
    }

    private static final class Parser {
        private static final int MAGIC = 0x46554747;
        private static final int LONGEST_TEXT = 1 << 20;
        private static final int MOST_DIMENSIONS = 4;
        /** Longer lists are none that adapters need. */
        private static final int LONGEST_LIST = 4096;
        /** Bytes of a value, by type; 0 where it has no fixed size. */
        private static final int[] SIZES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

        private final ByteBuffer bytes;
        private final long fileSize;
        private final String source;

        Parser(ByteBuffer bytes, long fileSize, String source) {
            this.bytes = bytes;
            this.fileSize = fileSize;
            this.source = source;
        }

        GgufHeader parse() {
            if (u32("the magic number") != MAGIC) {
                throw refused("begins with another magic number than GGUF");
            }
            int version = u32("the version");
            if (version != GgufFile.VERSION) {
                throw refused("is of version %d, version %d is read", version, GgufFile.VERSION);
            }
            // A tensor's record takes 32 bytes at least, a key's 13: more of them cannot be in the file.
            long tensorCount = count("tensors", 32);
            long keyCount = count("keys", 13);
            Map<String, @Nullable Object> keys = new LinkedHashMap<>();
            for (long i = 0; i < keyCount; i++) {
                String key = text("a key");
                if (keys.containsKey(key)) {
                    throw refused("has the key %s twice", key);
                }
                keys.put(key, value(key));
            }
            if (keys.containsKey("general.alignment")) {
                throw refused("sets general.alignment; %d is read", GgufFile.ALIGNMENT);
            }
            Map<String, Place> tensors = new LinkedHashMap<>();
            for (long i = 0; i < tensorCount; i++) {
                tensor(tensors);
            }
            long dataStart = GgufFile.aligned(bytes.position());
            requireWhole(tensors, dataStart);
            return new GgufHeader(keys, tensors, dataStart);
        }

        private void tensor(Map<String, Place> tensors) {
            String name = text("the name of a tensor");
            int dimensions = u32("the number of dimensions of " + name);
            if (dimensions < 1 || dimensions > MOST_DIMENSIONS) {
                throw refused("tensor %s has %d dimensions, 1 to %d are read", name, dimensions, MOST_DIMENSIONS);
            }
            List<Long> shape = new ArrayList<>();
            for (int i = 0; i < dimensions; i++) {
                shape.add(0, u64("a size of " + name));
            }
            int number = u32("the type of " + name);
            GgufType type = GgufType.numbered(number)
                    .orElseThrow(() ->
                            refused("tensor %s is of type %d; F32 (0), F16 (1) and BF16 (30) are read", name, number));
            Place place = new Place(type, shape, u64("the offset of " + name), size(name, shape, type));
            if (tensors.put(name, place) != null) {
                throw refused("has the tensor %s twice", name);
            }
        }

        private long size(String name, List<Long> shape, GgufType type) {
            long size = type.computed().bytes();
            try {
                for (long length : shape) {
                    size = Math.multiplyExact(size, length);
                }
            } catch (ArithmeticException e) {
                throw refused("the size of tensor %s overflows 64 bits", name).causedBy(e);
            }
            if (size < 1 || size > fileSize) {
                throw refused("tensor %s would take %d bytes of a file of %d", name, size, fileSize);
            }
            return size;
        }

        /** The tensors follow each other in the order of their records, each at the next multiple of the alignment. */
        private void requireWhole(Map<String, Place> tensors, long dataStart) {
            long end = 0;
            for (Map.Entry<String, Place> tensor : tensors.entrySet()) {
                long expected = GgufFile.aligned(end);
                if (tensor.getValue().offset() != expected) {
                    throw refused(
                            "tensor %s lies at %d, the tensor before it lets expect %d",
                            tensor.getKey(), tensor.getValue().offset(), expected);
                }
                end = Math.addExact(expected, tensor.getValue().bytes());
            }
            if (fileSize < dataStart + end || fileSize > dataStart + GgufFile.aligned(end)) {
                throw refused("has %d bytes, header and tensors take %d", fileSize, dataStart + end);
            }
        }

        private @Nullable Object value(String key) {
            int type = u32("the type of " + key);
            if (type == GgufFile.TEXT) {
                return text("the value of " + key);
            }
            if (type == GgufFile.FLOAT32) {
                return Float.intBitsToFloat(u32("the value of " + key));
            }
            if (type == GgufFile.ARRAY) {
                return array(key);
            } else {
                skip(fixed(type, key), "the value of " + key);
            }
            return null;
        }

        /** The elements where they are uint32 and not many; else they are skipped. */
        private int @Nullable [] array(String key) {
            int type = u32("the element type of " + key);
            if (type == GgufFile.TEXT) {
                long length = count("elements of " + key, Long.BYTES);
                for (long i = 0; i < length; i++) {
                    text("an element of " + key);
                }
                return null;
            }
            int size = fixed(type, key);
            long length = count("elements of " + key, size);
            if (type != GgufFile.UINT32 || length > LONGEST_LIST) {
                skip(length * size, "the elements of " + key);
                return null;
            }
            int[] elements = new int[(int) length];
            for (int i = 0; i < length; i++) {
                elements[i] = u32("an element of " + key);
            }
            return elements;
        }

        private int fixed(int type, String key) {
            if (type < 0 || type >= SIZES.length || SIZES[type] == 0) {
                throw refused("key %s is of the unknown type %d", key, type);
            }
            return SIZES[type];
        }

        /** A number of things that take so many bytes each, all of which the header must hold. */
        private long count(String what, int least) {
            long count = u64("the number of " + what);
            if (count > bytes.remaining() / least) {
                throw refused("announces %d %s and has %d bytes left for them", count, what, bytes.remaining());
            }
            return count;
        }

        private String text(String what) {
            long length = u64("the length of " + what);
            if (length > LONGEST_TEXT) {
                throw refused("%s has %d bytes, at most %d are read", what, length, LONGEST_TEXT);
            }
            require(length, what);
            byte[] text = new byte[(int) length];
            bytes.get(text);
            return StrictUtf8.decode(text, source + ", " + what);
        }

        private void skip(long length, String what) {
            require(length, what);
            bytes.position(bytes.position() + (int) length);
        }

        private int u32(String what) {
            require(Integer.BYTES, what);
            return bytes.getInt();
        }

        /** Numbers above 2^63 are nothing that a file can hold. */
        private long u64(String what) {
            require(Long.BYTES, what);
            long value = bytes.getLong();
            if (value < 0) {
                throw refused("%s is %s", what, Long.toUnsignedString(value));
            }
            return value;
        }

        private void require(long length, String what) {
            if (length > bytes.remaining()) {
                throw refused("is cut off inside %s", what);
            }
        }

        @FormatMethod
        private InlayException refused(@FormatString String format, Object... arguments) {
            return InlayException.adapter("%s: %s", source, String.format(Locale.ROOT, format, arguments));
        }
    }
}
