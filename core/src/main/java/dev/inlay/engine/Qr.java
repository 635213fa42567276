package dev.inlay.engine;

import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.global.torch;

/**
 * The reduced decomposition {@code orthonormal triangular} of a matrix [n, m]; with k = min(n, m).
 *
 * @param orthonormal [n, k], orthonormal columns
 * @param triangular [k, m], zero below the diagonal
 */
public record Qr(Tensor orthonormal, Tensor triangular) {
    /**
     * Decomposes, by Householder reflections; not recorded.
     *
     * @param matrix [n, m] float32 or float64, finite
     */
    public static Qr of(Tensor matrix) {
        try (T_TensorTensor_T parts = Native.call(() -> torch.linalg_qr(matrix.live()))) {
            return new Qr(
                    Tensor.make(() -> new org.bytedeco.pytorch.Tensor(parts.get0())),
                    Tensor.make(() -> new org.bytedeco.pytorch.Tensor(parts.get1())));
        }
    }
}
