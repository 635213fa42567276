package dev.inlay.app.experiments.modular;

import dev.inlay.engine.DType;
import dev.inlay.engine.Randomness;
import dev.inlay.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A drawn low-rank change of some maps of every block, the same share of the norm for each.
 *
 * @param directions B A with normal factors, in the order of blocks, then targets; together of norm 1
 */
record RandomChange(Weights base, List<Projection> targets, List<Tensor> directions) {
    RandomChange {
        targets = List.copyOf(targets);
        directions = List.copyOf(directions);
    }

    static RandomChange drawn(Weights base, List<Projection> targets, int rank, long seed) {
        long d = base.embedding().size(1);
        DType type = base.embedding().dtype();
        int maps = base.blocks().size() * targets.size();
        List<Tensor> directions = new ArrayList<>();
        for (int m = 0; m < maps; m++) {
            Tensor up = Tensor.normal(1, Randomness.derive(seed, m, 0), type, d, rank);
            Tensor change = up.matmul(Tensor.normal(1, Randomness.derive(seed, m, 1), type, rank, d));
            directions.add(change.times(1 / (change.norm() * Math.sqrt(maps))));
        }
        return new RandomChange(base, targets, directions);
    }

    /** The model whose change has this Frobenius norm. */
    Weights ofNorm(double norm) {
        List<Block> blocks = new ArrayList<>();
        int map = 0;
        for (Block block : base.blocks()) {
            Block changed = block;
            for (Projection target : targets) {
                changed = changed.with(
                        target,
                        block.projection(target).plus(directions.get(map).times(norm)));
                map++;
            }
            blocks.add(changed);
        }
        return base.withBlocks(blocks);
    }
}
