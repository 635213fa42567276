package dev.inlay.training;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import java.util.List;

/** How fast the processor multiplies matrices just now; the ceiling of a training run. */
public final class MachineRate {
    private static final int SIDE = 512;
    private static final int PRODUCTS = 8;

    private MachineRate() {}

    /**
     * Multiplies for a few hundredths of a second.
     *
     * @return floating-point operations per second, all workers together
     */
    public static double measure(Workers workers, DType type) {
        try (Scope scope = Scope.open()) {
            Tensor matrix = Tensor.full(1.0 / SIDE, type, Device.CPU, SIDE, SIDE);
            multiply(workers, matrix);
            long began = System.nanoTime();
            multiply(workers, matrix);
            double seconds = (System.nanoTime() - began) * 1e-9;
            return 2.0 * SIDE * SIDE * SIDE * PRODUCTS * workers.threads() / seconds;
        }
    }

    private static void multiply(Workers workers, Tensor matrix) {
        workers.map(workers.threads(), worker -> {
            for (int i = 0; i < PRODUCTS; i++) {
                matrix.matmul(matrix);
            }
            return List.of();
        });
    }
}
