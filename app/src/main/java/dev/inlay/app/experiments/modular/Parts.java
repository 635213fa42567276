package dev.inlay.app.experiments.modular;

import dev.inlay.engine.Tensor;
import java.util.Arrays;

/** Takes tensors from a vector, one after the other. */
final class Parts {
    private final Tensor values;
    private long taken;

    Parts(Tensor values) {
        this.values = values;
    }

    Tensor next(long... shape) {
        long count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        Tensor part = values.narrow(0, taken, count).reshape(shape);
        taken += count;
        return part;
    }
}
