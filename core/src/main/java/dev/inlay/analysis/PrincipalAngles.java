package dev.inlay.analysis;

import dev.inlay.engine.Scope;
import dev.inlay.engine.Svd;
import dev.inlay.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * The angles between two subspaces: the smallest angle between a direction of one and a direction of the other, the next
 * smallest at right angles to these, and so on.
 *
 * @param radians ascending, 0 to pi/2; as many as the smaller subspace has dimensions
 */
public record PrincipalAngles(List<Double> radians) {
    public PrincipalAngles {
        radians = List.copyOf(radians);
    }

    /**
     * By the cosines, the singular values of {@code A' B}, where they are below the root of one half; by the sines, those of
     * {@code B - A A' B}, where they are not: a cosine near 1 says nothing about a small angle (Bjoerck and Golub 1973,
     * section 3).
     *
     * @param first [n, k] float64, orthonormal columns
     * @param second [n, m] float64, orthonormal columns
     */
    public static PrincipalAngles between(Tensor first, Tensor second) {
        if (first.size(1) < second.size(1)) {
            return between(second, first);
        }
        try (Scope scope = Scope.open()) {
            Tensor shared = first.transposed().matmul(second);
            double[] cosines = Svd.of(shared).values().toDoubles();
            double[] sines = Svd.of(second.minus(first.matmul(shared))).values().toDoubles();
            double[] radians = new double[cosines.length];
            for (int i = 0; i < radians.length; i++) {
                double sine = sines[sines.length - 1 - i];
                radians[i] = cosines[i] * cosines[i] < 0.5 ? Math.acos(cosines[i]) : Math.asin(Math.min(1, sine));
            }
            return new PrincipalAngles(Arrays.stream(radians).boxed().toList());
        }
    }

    /** Mean of the squared cosines: 1 if one subspace contains the other, 0 if they are at right angles. */
    public double overlap() {
        return radians.stream()
                .mapToDouble(angle -> Math.cos(angle) * Math.cos(angle))
                .average()
                .orElse(0);
    }
}
