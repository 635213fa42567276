package dev.inlay.model.files;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * A tensor to be written: what it is, and where its bytes come from when its turn comes. A model of many gigabytes is
 * written tensor by tensor, none of them held before or after.
 */
public final class NewTensor {
    private static final int WINDOW = 1 << 20;

    private final String name;
    private final StoredType type;
    private final long[] shape;
    private final Content content;

    private NewTensor(String name, StoredType type, long[] shape, Content content) {
        this.name = name;
        this.type = type;
        this.shape = shape.clone();
        this.content = content;
    }

    /** Gives the bytes of a tensor, row-major and little-endian, in as many pieces as it likes. */
    @FunctionalInterface
    public interface Content {
        void writeTo(Sink sink);
    }

    /** Takes the next piece: the bytes between position and limit. */
    @FunctionalInterface
    public interface Sink {
        void write(ByteBuffer bytes);
    }

    /** A tensor whose content is made when it is written. */
    public static NewTensor of(String name, StoredType type, long[] shape, Content content) {
        return new NewTensor(name, type, shape, content);
    }

    /** A float32 tensor of these values. */
    public static NewTensor of(String name, float[] values, long... shape) {
        return of(name, StoredType.F32, shape, sink -> {
            ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                    .order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(values);
            sink.write(bytes);
        });
    }

    /** A tensor of the engine, which must live until it is written. */
    public static NewTensor of(String name, Tensor tensor) {
        return computed(name, tensor.dtype(), tensor.shape(), () -> tensor);
    }

    /** A tensor that is computed when its turn comes, in a scope of its own, and freed as soon as it is written. */
    public static NewTensor computed(String name, DType type, long[] shape, Supplier<Tensor> tensor) {
        return of(name, StoredType.of(type), shape, sink -> {
            try (Scope scope = Scope.open()) {
                Tensor value = tensor.get();
                if (value.dtype() != type || !Arrays.equals(value.shape(), shape)) {
                    throw new IllegalStateException("tensor %s is %s %s, announced as %s %s"
                            .formatted(
                                    name, value.dtype(), Arrays.toString(value.shape()), type, Arrays.toString(shape)));
                }
                Tensor plain = value.detached().to(Device.CPU).contiguous();
                for (long at = 0; at < plain.byteCount(); at += WINDOW) {
                    sink.write(plain.bytes(at, (int) Math.min(WINDOW, plain.byteCount() - at)));
                }
            }
        });
    }

    /** The same bytes as in another file, which must stay open until they are written. */
    public static NewTensor copyOf(SafetensorsFile file, StoredTensor tensor) {
        return of(tensor.name(), tensor.type(), tensor.shape(), sink -> {
            ByteBuffer window = ByteBuffer.allocateDirect((int) Math.min(WINDOW, tensor.bytes()));
            for (long at = 0; at < tensor.bytes(); at += window.limit()) {
                window.clear().limit((int) Math.min(window.capacity(), tensor.bytes() - at));
                file.read(tensor, at, window);
                sink.write(window.flip());
            }
        });
    }

    /** The same, except that a NaN or infinite value in it is an error when it is written. */
    public NewTensor refusingNonFinite() {
        return of(name, type, shape, sink -> {
            FiniteCheck check = new FiniteCheck(name, type);
            content.writeTo(bytes -> {
                check.accept(bytes.duplicate());
                sink.write(bytes);
            });
        });
    }

    /** The same content under another name. */
    public NewTensor named(String other) {
        return of(other, type, shape, content);
    }

    public String name() {
        return name;
    }

    public StoredType type() {
        return type;
    }

    public long[] shape() {
        return shape.clone();
    }

    /** Size in bytes. */
    public long bytes() {
        return StoredTensor.bytes(type, shape, Quoted.name(name));
    }

    /** Writes the content, which must be exactly as long as type and shape say. */
    void writeTo(Sink sink) {
        long expected = bytes();
        long[] written = new long[1];
        content.writeTo(bytes -> {
            written[0] += bytes.remaining();
            if (written[0] > expected) {
                throw wrongLength(expected, written[0]);
            }
            sink.write(bytes);
        });
        if (written[0] != expected) {
            throw wrongLength(expected, written[0]);
        }
    }

    private IllegalStateException wrongLength(long expected, long found) {
        return new IllegalStateException(
                "content of tensor " + name + " has " + found + " bytes, its type and shape " + expected);
    }

    /** Looks at every element, also those that are split between two pieces. */
    private static final class FiniteCheck {
        private final String name;
        private final StoredType type;
        private final int width;
        private long element;
        private int filled;
        private long count;

        FiniteCheck(String name, StoredType type) {
            this.name = name;
            this.type = type;
            this.width = type.bits() / 8;
        }

        void accept(ByteBuffer bytes) {
            while (bytes.hasRemaining()) {
                element |= (bytes.get() & 0xFFL) << (8 * filled++);
                if (filled >= width) {
                    if (type.nonFinite(element)) {
                        throw InlayException.data(
                                "tensor %s: element %d is NaN or infinite and is not written",
                                Quoted.name(name), count);
                    }
                    count++;
                    element = 0;
                    filled = 0;
                }
            }
        }
    }
}
