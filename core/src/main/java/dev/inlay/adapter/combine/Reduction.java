package dev.inlay.adapter.combine;

import static dev.inlay.InlayException.require;

import dev.inlay.adapter.Approximation;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.SingularDecomposition;
import dev.inlay.engine.Scope;

/** How many ranks of a sum stay. */
@FunctionalInterface
public interface Reduction {
    /** All: the sum itself. */
    Reduction NONE = sum -> new Approximation(sum, 0);

    Approximation of(LowRank sum);

    /** At most so many; a sum that has no more stays as it is. */
    static Reduction toRank(int rank) {
        require(rank >= 1, "a rank is at least 1, was %d", rank);
        return sum -> sum.rank() <= rank ? NONE.of(sum) : sum.compressed(rank);
    }

    /**
     * As few as hold this share of each map's energy, the square of its Frobenius norm; the relative error is then at most
     * {@code sqrt(1 - share)}.
     */
    static Reduction toEnergy(double share) {
        require(share > 0 && share <= 1, "a share of the energy is above 0 and at most 1, was %s", share);
        return sum -> {
            try (Scope scope = Scope.open()) {
                SingularDecomposition svd = sum.svd();
                Approximation kept =
                        svd.truncated(svd.spectrum().rankFor(share), sum.up().dtype());
                scope.keep(kept.change().up());
                scope.keep(kept.change().down());
                return kept;
            }
        };
    }
}
