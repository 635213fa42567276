package dev.inlay.app.experiments.modular;

import dev.inlay.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/** All entries of some maps of every block. */
record MapTuning(Weights base, List<Projection> targets) implements Tuning {
    MapTuning {
        targets = List.copyOf(targets);
    }

    @Override
    public Tensor start(long seed) {
        List<Tensor> parts = new ArrayList<>();
        for (Block block : base.blocks()) {
            targets.forEach(target -> parts.add(
                    block.projection(target).reshape(block.projection(target).count())));
        }
        return Tensor.concat(0, parts);
    }

    @Override
    public Weights tuned(Tensor values) {
        Parts parts = new Parts(values);
        List<Block> blocks = new ArrayList<>();
        for (Block block : base.blocks()) {
            Block tuned = block;
            for (Projection target : targets) {
                tuned = tuned.with(target, parts.next(block.projection(target).shape()));
            }
            blocks.add(tuned);
        }
        return base.withBlocks(blocks);
    }
}
