package dev.inlay.adapter;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Tensor;

/**
 * A change as {@code left diag(spectrum) right}, in float64.
 *
 * @param left [out, k] directions that it writes, orthonormal columns
 * @param spectrum k values; k is the smallest of rank, in and out
 * @param right [k, in] directions that it reads, orthonormal rows
 */
public record SingularDecomposition(Tensor left, Spectrum spectrum, Tensor right) {
    /**
     * The best approximation of a rank in the Frobenius norm (Eckart and Young 1936), with scale 1. Each factor carries
     * the roots of the values, so that both are of one size, as training wants them.
     *
     * @param rank at least 1; above the number of values it is that number
     */
    public Approximation truncated(int rank, DType type) {
        InlayException.require(rank >= 1, "a rank is at least 1, was %d", rank);
        int kept = Math.min(rank, spectrum.values().size());
        double[] roots = spectrum.values().subList(0, kept).stream()
                .mapToDouble(Math::sqrt)
                .toArray();
        Tensor up = left.narrow(1, 0, kept).times(Tensor.of(roots, 1, kept).to(left.device()));
        Tensor down = right.narrow(0, 0, kept).times(Tensor.of(roots, kept, 1).to(right.device()));
        return new Approximation(new LowRank(up.to(type), down.to(type), 1), spectrum.error(kept));
    }
}
