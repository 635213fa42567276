package dev.inlay.model.files;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads one stored tensor into native memory, in windows: a buffer ends at 2 GiB, an embedding may not. */
final class TensorReading {
    private static final int WINDOW = 64 << 20;
    /** Elements converted at once: few, for an allocator that saw a large block freed keeps the next ones in one heap. */
    private static final long PART = 1 << 16;

    private final SafetensorsFile file;
    private final StoredTensor stored;

    TensorReading(SafetensorsFile file, StoredTensor stored) {
        this.file = file;
        this.stored = stored;
    }

    /** The whole tensor in the type that is computed with. */
    Tensor load() {
        Tensor tensor = Tensor.empty(computed(), Device.CPU, stored.shape());
        read(tensor, 0);
        return tensor;
    }

    /** The same converted, part by part: two copies of a whole embedding would be the peak of loading a model. */
    Tensor load(DType type) {
        if (type == computed()) {
            return load();
        }
        Tensor tensor = Tensor.empty(type, Device.CPU, stored.shape());
        long count = stored.count();
        Tensor flat = tensor.reshape(count);
        for (long at = 0; at < count; at += PART) {
            try (Scope scope = Scope.open()) {
                Tensor part = Tensor.empty(computed(), Device.CPU, Math.min(PART, count - at));
                read(part, at);
                flat.narrow(0, at, part.size(0)).copyFrom(part);
            }
        }
        return tensor;
    }

    private DType computed() {
        return stored.type()
                .computed()
                .orElseThrow(() -> InlayException.data(
                        "%s: tensor %s is stored as %s, which Inlay cannot compute with; convert it to F32 or BF16",
                        file.path(), Quoted.name(stored.name()), stored.type()));
    }

    /** Fills a tensor with the elements from the first on. */
    private void read(Tensor tensor, long first) {
        if (8 * computed().bytes() == stored.type().bits()) {
            readInto(tensor, first * computed().bytes());
        } else {
            widenInto(tensor, first * (stored.type().bits() / 8));
        }
    }

    private void readInto(Tensor tensor, long begin) {
        for (long at = 0; at < tensor.byteCount(); at += WINDOW) {
            ByteBuffer window = tensor.bytes(at, (int) Math.min(WINDOW, tensor.byteCount() - at));
            file.read(stored, begin + at, window);
            if (stored.type() == StoredType.BOOL) {
                checkTruthValues(window.flip());
            }
        }
    }

    /** Narrow integers, which only small auxiliary tensors have. */
    private void widenInto(Tensor tensor, long begin) {
        int width = stored.type().bits() / 8;
        long bytes = tensor.byteCount() / Long.BYTES * width;
        ByteBuffer window = ByteBuffer.allocate((int) Math.min(WINDOW, bytes)).order(ByteOrder.LITTLE_ENDIAN);
        for (long at = 0; at < bytes; at += window.limit()) {
            window.clear().limit((int) Math.min(window.capacity(), bytes - at));
            file.read(stored, begin + at, window);
            window.flip();
            ByteBuffer target = tensor.bytes(at / width * Long.BYTES, window.remaining() / width * Long.BYTES);
            while (window.hasRemaining()) {
                target.putLong(stored.type() == StoredType.I32 ? window.getInt() : window.get() & 0xFF);
            }
        }
    }

    /** For native code any other byte is undefined behaviour. */
    private void checkTruthValues(ByteBuffer values) {
        while (values.hasRemaining()) {
            if ((values.get() & ~1) != 0) {
                throw InlayException.data(
                        "%s: tensor %s is BOOL and holds a byte other than 0 and 1",
                        file.path(), Quoted.name(stored.name()));
            }
        }
    }
}
