package dev.inlay.engine;

import org.bytedeco.pytorch.global.torch;

/** The eigenvalues of a square matrix. */
public final class Eigenvalues {
    private Eigenvalues() {}

    /**
     * Computes them; not recorded.
     *
     * @param matrix [n, n] float64, finite
     * @return [n, 2] real and imaginary parts, in no order
     */
    public static Tensor of(Tensor matrix) {
        return Tensor.make(() -> {
            try (org.bytedeco.pytorch.Tensor complex = torch.linalg_eigvals(matrix.live())) {
                return torch.view_as_real(complex);
            }
        });
    }
}
