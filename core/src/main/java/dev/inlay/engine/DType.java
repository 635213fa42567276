package dev.inlay.engine;

import org.bytedeco.pytorch.global.torch.ScalarType;

/** Element types that Inlay computes with or counts with. */
public enum DType {
    FLOAT32(4, ScalarType.Float),
    FLOAT64(8, ScalarType.Double),
    BFLOAT16(2, ScalarType.BFloat16),
    FLOAT16(2, ScalarType.Half),
    INT64(8, ScalarType.Long),
    BOOL(1, ScalarType.Bool);

    private final int bytes;
    private final ScalarType scalar;

    DType(int bytes, ScalarType scalar) {
        this.bytes = bytes;
        this.scalar = scalar;
    }

    /** Bytes per element. */
    public int bytes() {
        return bytes;
    }

    public boolean isFloating() {
        return this != INT64 && this != BOOL;
    }

    /** Types whose products are accumulated in a wider type: reductions over them ask for FLOAT32. */
    public boolean isHalf() {
        return this == BFLOAT16 || this == FLOAT16;
    }

    ScalarType scalar() {
        return scalar;
    }

    static DType of(ScalarType scalar) {
        for (DType type : values()) {
            if (type.scalar.value == scalar.value) {
                return type;
            }
        }
        throw new EngineException("libtorch returned elements of type " + scalar + ", which the engine does not use");
    }
}
