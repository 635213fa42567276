package dev.inlay.model.files;

import dev.inlay.engine.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Element types of safetensors, in the order of their width. Names are those of the file, case-sensitive. */
public enum StoredType {
    F4(4),
    F6_E2M3(6),
    F6_E3M2(6),
    BOOL(8),
    U8(8),
    I8(8),
    F8_E5M2(8),
    F8_E4M3(8),
    F8_E8M0(8),
    F8_E4M3FNUZ(8),
    F8_E5M2FNUZ(8),
    I16(16),
    U16(16),
    F16(16),
    BF16(16),
    I32(32),
    U32(32),
    F32(32),
    C64(64),
    F64(64),
    I64(64),
    U64(64);

    private static final Map<String, StoredType> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(StoredType::name, type -> type));

    private final int bits;

    StoredType(int bits) {
        this.bits = bits;
    }

    /** Bits of one element. */
    public int bits() {
        return bits;
    }

    /** The type in which a tensor of the engine is stored. */
    public static StoredType of(DType type) {
        return switch (type) {
            case FLOAT32 -> F32;
            case FLOAT64 -> F64;
            case BFLOAT16 -> BF16;
            case FLOAT16 -> F16;
            case INT64 -> I64;
            case BOOL -> BOOL;
        };
    }

    /** The type in which the engine computes with these elements; empty where it cannot. I32 and U8 are widened. */
    public Optional<DType> computed() {
        return switch (this) {
            case F32 -> Optional.of(DType.FLOAT32);
            case F64 -> Optional.of(DType.FLOAT64);
            case BF16 -> Optional.of(DType.BFLOAT16);
            case F16 -> Optional.of(DType.FLOAT16);
            case I64, I32, U8 -> Optional.of(DType.INT64);
            case BOOL -> Optional.of(DType.BOOL);
            default -> Optional.empty();
        };
    }

    static Optional<StoredType> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /** Whether a little-endian element with these bits is NaN or infinite; false for types that are not F64 to BF16. */
    boolean nonFinite(long element) {
        return switch (this) {
            case F64 -> (element & 0x7FF0000000000000L) == 0x7FF0000000000000L;
            case F32 -> (element & 0x7F800000L) == 0x7F800000L;
            case F16 -> (element & 0x7C00L) == 0x7C00L;
            case BF16 -> (element & 0x7F80L) == 0x7F80L;
            default -> false;
        };
    }
}
