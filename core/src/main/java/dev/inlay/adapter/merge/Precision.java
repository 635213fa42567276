package dev.inlay.adapter.merge;

import dev.inlay.engine.DType;

/** In which element type the merged model is stored. */
public enum Precision {
    /** Each tensor in the type that it has in the base. */
    AS_BASE,
    FLOAT64,
    FLOAT32,
    BFLOAT16,
    FLOAT16;

    /** The type for a tensor that the base stores in this type; only floating types change. */
    DType of(DType stored) {
        return this == AS_BASE || !stored.isFloating() ? stored : DType.valueOf(name());
    }
}
