package dev.inlay.app.experiments.modular;

import dev.inlay.engine.DType;
import dev.inlay.engine.Randomness;
import dev.inlay.engine.Tensor;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Weights of a model.
 *
 * @param embedding [vocabulary, width]
 * @param positions [width, positions, 1]
 * @param blocks one where they are tied, else one per depth
 * @param unembedding [vocabulary, width]
 */
record Weights(Tensor embedding, Tensor positions, List<Block> blocks, Tensor unembedding) {
    Weights {
        blocks = List.copyOf(blocks);
    }

    /** The block at a depth, from 0 on. */
    Block block(int depth) {
        return blocks.get(Math.min(depth, blocks.size() - 1));
    }

    Weights withBlocks(List<Block> others) {
        return new Weights(embedding, positions, others, unembedding);
    }

    /**
     * Reads them as parts of one vector: embedding, positions, each block's Q, K, V, W_o, b_o, unembedding.
     *
     * @param values [parameters]; where it is a leaf, gradients reach it
     */
    static Weights of(Sizes sizes, Tensor values) {
        int d = sizes.width();
        Parts parts = new Parts(values);
        Tensor embedding = parts.next(sizes.vocabulary(), d);
        Tensor positions = parts.next(d, Sizes.POSITIONS, 1);
        List<Block> blocks = new ArrayList<>();
        for (int b = 0; b < sizes.blocks(); b++) {
            Map<Projection, Tensor> projections = new EnumMap<>(Projection.class);
            for (Projection each : Projection.values()) {
                projections.put(each, parts.next(d, d));
            }
            blocks.add(new Block(projections, parts.next(d, d), parts.next(d, 1)));
        }
        return new Weights(embedding, positions, blocks, parts.next(sizes.vocabulary(), d));
    }

    /**
     * Draws the vector: embedding and positions N(0, 1/width), unembedding N(0, 1/vocabulary), linear maps and their
     * biases uniform within 1/sqrt(width).
     *
     * @return [parameters]
     */
    static Tensor drawn(Sizes sizes, long seed, DType type) {
        int d = sizes.width();
        double reach = 1 / Math.sqrt(d);
        return Tensor.concat(
                0,
                List.of(
                        Tensor.normal(
                                reach,
                                Randomness.derive(seed, 0),
                                type,
                                (long) (sizes.vocabulary() + Sizes.POSITIONS) * d),
                        Tensor.uniform(
                                -reach,
                                reach,
                                Randomness.derive(seed, 1),
                                type,
                                sizes.blocks() * sizes.parametersOfBlock()),
                        Tensor.normal(
                                1 / Math.sqrt(sizes.vocabulary()),
                                Randomness.derive(seed, 2),
                                type,
                                (long) sizes.vocabulary() * d)));
    }
}
