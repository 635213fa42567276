package dev.inlay.engine;

import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.global.torch;

/**
 * The reduced singular value decomposition {@code left diag(values) right} of a matrix [n, m]; with k = min(n, m).
 *
 * @param left [n, k], orthonormal columns
 * @param values [k], descending, none below zero
 * @param right [k, m], orthonormal rows
 */
public record Svd(Tensor left, Tensor values, Tensor right) {
    private static final StringViewOptional USUAL_DRIVER = new StringViewOptional();

    /**
     * Decomposes; not recorded.
     *
     * @param matrix [n, m] float32 or float64, finite
     */
    public static Svd of(Tensor matrix) {
        try (T_TensorTensorTensor_T parts = Native.call(() -> torch.linalg_svd(matrix.live(), false, USUAL_DRIVER))) {
            return new Svd(
                    Tensor.make(() -> new org.bytedeco.pytorch.Tensor(parts.get0())),
                    Tensor.make(() -> new org.bytedeco.pytorch.Tensor(parts.get1())),
                    Tensor.make(() -> new org.bytedeco.pytorch.Tensor(parts.get2())));
        }
    }
}
