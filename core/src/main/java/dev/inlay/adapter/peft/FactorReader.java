package dev.inlay.adapter.peft;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.StoredTensor;
import dev.inlay.model.files.StoredType;
import java.util.EnumSet;
import java.util.Set;

/** Reads factors of whatever floating type as float32, and refuses values that are not finite. */
final class FactorReader {
    private static final Set<StoredType> TYPES =
            EnumSet.of(StoredType.F32, StoredType.F16, StoredType.BF16, StoredType.F64);

    private final SafetensorsFile file;

    FactorReader(SafetensorsFile file) {
        this.file = file;
    }

    /** The tensor in float32, owned by the innermost scope of the caller. */
    Tensor read(String name) {
        StoredTensor stored = file.tensor(name);
        if (!TYPES.contains(stored.type())) {
            throw InlayException.adapter(
                    "%s: tensor %s is of type %s; factors are F32, F16, BF16 or F64", file.path(), name, stored.type());
        }
        try (Scope scope = Scope.open()) {
            Tensor factor = file.load(stored, DType.FLOAT32);
            if (!factor.isFinite()) {
                throw InlayException.adapter(
                        "%s: tensor %s holds NaN or infinite values; its training had failed", file.path(), name);
            }
            return scope.keep(factor);
        }
    }
}
