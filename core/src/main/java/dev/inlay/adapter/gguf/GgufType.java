package dev.inlay.adapter.gguf;

import dev.inlay.engine.DType;
import java.util.Arrays;
import java.util.Optional;

/** Element types of adapters in GGUF, each with its number in the file. */
public enum GgufType {
    F32(0, DType.FLOAT32),
    F16(1, DType.FLOAT16),
    BF16(30, DType.BFLOAT16);

    private final int number;
    private final DType computed;

    GgufType(int number, DType computed) {
        this.number = number;
        this.computed = computed;
    }

    int number() {
        return number;
    }

    /** The type of the engine with the same bytes. */
    public DType computed() {
        return computed;
    }

    static Optional<GgufType> numbered(int number) {
        return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
    }
}
