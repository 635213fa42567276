package dev.inlay.model.files;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads one stored tensor into native memory, in windows: a buffer ends at 2 GiB, an embedding may not. */
final class TensorReading {
    private static final int WINDOW = 64 << 20;

    private final SafetensorsFile file;
    private final StoredTensor stored;

    TensorReading(SafetensorsFile file, StoredTensor stored) {
        this.file = file;
        this.stored = stored;
    }

    Tensor load() {
        DType type = stored.type()
                .computed()
                .orElseThrow(() -> InlayException.data(
                        "%s: tensor %s is stored as %s, which Inlay cannot compute with; convert it to F32 or BF16",
                        file.path(), Quoted.name(stored.name()), stored.type()));
        Tensor tensor = Tensor.empty(type, Device.CPU, stored.shape());
        if (8 * type.bytes() == stored.type().bits()) {
            readInto(tensor);
        } else {
            widenInto(tensor);
        }
        return tensor;
    }

    private void readInto(Tensor tensor) {
        for (long at = 0; at < stored.bytes(); at += WINDOW) {
            ByteBuffer window = tensor.bytes(at, (int) Math.min(WINDOW, stored.bytes() - at));
            file.read(stored, at, window);
            if (stored.type() == StoredType.BOOL) {
                checkTruthValues(window.flip());
            }
        }
    }

    /** Narrow integers, which only small auxiliary tensors have. */
    private void widenInto(Tensor tensor) {
        int width = stored.type().bits() / 8;
        ByteBuffer window =
                ByteBuffer.allocate((int) Math.min(WINDOW, stored.bytes())).order(ByteOrder.LITTLE_ENDIAN);
        for (long at = 0; at < stored.bytes(); at += window.limit()) {
            window.clear().limit((int) Math.min(window.capacity(), stored.bytes() - at));
            file.read(stored, at, window);
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
