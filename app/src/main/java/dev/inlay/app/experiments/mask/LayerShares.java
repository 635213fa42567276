package dev.inlay.app.experiments.mask;

import dev.inlay.adapter.twin.LayerTerms;
import dev.inlay.adapter.twin.Share;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.util.function.Function;

/**
 * How much an adapter changes queries of the suffix and keys and values of the prefix in one layer, over the norm of the
 * base's own; root mean squares over rows.
 */
public record LayerShares(int layer, Pair queries, Pair keys, Pair values) {
    /**
     * @param direct by the map's own change
     * @param indirect by the changed input
     */
    public record Pair(double direct, double indirect) {}

    /** Sums over rows. */
    static final class Sum {
        private final double[] squares = new double[9];

        void add(LayerTerms layer) {
            add(0, layer::queries);
            add(3, layer::keys);
            add(6, layer::values);
        }

        private void add(int at, Function<Share, Tensor> shares) {
            Share[] order = {Share.BASE, Share.DIRECT, Share.INDIRECT};
            for (int i = 0; i < order.length; i++) {
                try (Scope scope = Scope.open()) {
                    double norm = shares.apply(order[i]).norm();
                    squares[at + i] += norm * norm;
                }
            }
        }

        LayerShares of(int layer) {
            return new LayerShares(layer, pair(0), pair(3), pair(6));
        }

        private Pair pair(int at) {
            return new Pair(Math.sqrt(squares[at + 1] / squares[at]), Math.sqrt(squares[at + 2] / squares[at]));
        }
    }
}
