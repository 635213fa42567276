package dev.inlay.app.experiments.modular;

import dev.inlay.dynamics.Matrix;
import dev.inlay.dynamics.Spectrum;
import dev.inlay.engine.DType;
import dev.inlay.engine.Svd;
import dev.inlay.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * What became of a value matrix V, and the quantities of the gap criterion with the singular directions u1, v1 in place of
 * eigenvectors, because trained maps are not symmetric.
 *
 * @param before singular values of V
 * @param after singular values of V + dV
 * @param spectrumBefore eigenvalues of V, real and imaginary parts in turn
 * @param spectrumAfter those of V + dV
 * @param gap first less second singular value of V
 * @param along a = u1' dV v1
 * @param aside |b|, b = (I - u1 u1') dV v1
 * @param rest |E|, E = (I - u1 u1') dV (I - v1 v1'), largest singular value
 */
record ValueChange(
        List<Double> before,
        List<Double> after,
        List<Double> spectrumBefore,
        List<Double> spectrumAfter,
        double gap,
        double along,
        double aside,
        double rest) {
    static ValueChange of(Tensor before, Tensor after) {
        Tensor change = after.minus(before).to(DType.FLOAT64);
        Svd svd = Svd.of(before.to(DType.FLOAT64));
        double[] values = svd.values().toDoubles();
        Tensor u = svd.left().narrow(1, 0, 1);
        Tensor moved = change.matmul(svd.right().narrow(0, 0, 1).transposed());
        double along = u.transposed().matmul(moved).item();
        Tensor rest = LeadingDirections.of(before.to(DType.FLOAT64)).removedFrom(change);
        return new ValueChange(
                list(values),
                list(Svd.of(after.to(DType.FLOAT64)).values().toDoubles()),
                eigenvalues(before),
                eigenvalues(after),
                values[0] - values[1],
                along,
                moved.minus(u.times(along)).norm(),
                Svd.of(rest).values().toDoubles()[0]);
    }

    private static List<Double> list(double[] values) {
        return Arrays.stream(values).boxed().toList();
    }

    private static List<Double> eigenvalues(Tensor map) {
        int d = (int) map.size(0);
        Spectrum spectrum = Matrix.of(d, d, map.to(DType.FLOAT64).toDoubles()).spectrum();
        Double[] parts = new Double[2 * d];
        for (int k = 0; k < d; k++) {
            parts[2 * k] = spectrum.real(k);
            parts[2 * k + 1] = spectrum.imaginary(k);
        }
        return List.of(parts);
    }
}
