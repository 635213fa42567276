package dev.inlay.app.experiments.modular;

import dev.inlay.engine.Tensor;
import java.util.EnumMap;
import java.util.Map;

/**
 * Weights of a block.
 *
 * @param projections Q, K and V, each [width, width]
 * @param out W_o, [width, width]
 * @param bias b_o, [width, 1]
 */
record Block(Map<Projection, Tensor> projections, Tensor out, Tensor bias) {
    Block {
        projections = Map.copyOf(projections);
    }

    Tensor projection(Projection which) {
        Tensor weight = projections.get(which);
        if (weight == null) {
            throw new IllegalStateException("a block has all three projections");
        }
        return weight;
    }

    /** The same with another map in one place. */
    Block with(Projection which, Tensor weight) {
        Map<Projection, Tensor> all = new EnumMap<>(projections);
        all.put(which, weight);
        return new Block(all, out, bias);
    }
}
