package dev.inlay.model.files;

import dev.inlay.InlayException;
import java.util.Arrays;

/** Where a tensor lies in a safetensors file. Two are equal when all they say is equal. */
public final class StoredTensor {
    private final String name;
    private final StoredType type;
    private final long[] shape;
    private final long begin;
    private final long end;

    StoredTensor(String name, StoredType type, long[] shape, long begin, long end) {
        this.name = name;
        this.type = type;
        this.shape = shape.clone();
        this.begin = begin;
        this.end = end;
    }

    /** Any text without control characters; data, never a path. */
    public String name() {
        return name;
    }

    /** Type of an element. */
    public StoredType type() {
        return type;
    }

    /** Sizes, slowest first; empty for a single element. */
    public long[] shape() {
        return shape.clone();
    }

    /** First byte, counted from the start of the file's data. */
    public long begin() {
        return begin;
    }

    /** The byte after the last one, counted from the start of the file's data. */
    public long end() {
        return end;
    }

    /** Size in bytes. */
    public long bytes() {
        return end - begin;
    }

    /** Number of elements. */
    public long count() {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StoredTensor that
                && name.equals(that.name)
                && type == that.type
                && Arrays.equals(shape, that.shape)
                && begin == that.begin
                && end == that.end;
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name + " " + type + Arrays.toString(shape) + " at " + begin;
    }

    /**
     * Bytes of a tensor of that shape.
     *
     * @throws InlayException when the product does not fit 64 bits or the elements do not fill whole bytes
     */
    static long bytes(StoredType type, long[] shape, String where) {
        long bits = type.bits();
        try {
            long count = 1;
            for (long size : shape) {
                count = Math.multiplyExact(count, size);
            }
            bits = Math.multiplyExact(count, bits);
        } catch (ArithmeticException e) {
            throw InlayException.data(
                            "%s: the size of shape %s overflows 64 bits",
                            where, Quoted.shortened(Arrays.toString(shape)))
                    .causedBy(e);
        }
        if (bits % 8 != 0) {
            throw InlayException.data("%s: %d bits of %s are not whole bytes", where, bits, type);
        }
        return bits / 8;
    }
}
