package dev.inlay.app.experiments.modular;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Randomness;
import dev.inlay.engine.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * W becomes W + scale B A in each block, B [width, rank] zero at the start and A [rank, width] uniform within
 * 1/sqrt(width), as PEFT begins.
 *
 * @param frames of the maps in the order of blocks, then targets; empty where the change is not restricted
 */
record LowRankTuning(Weights base, List<Projection> targets, int rank, double scale, List<LeadingDirections> frames)
        implements Tuning {
    LowRankTuning {
        targets = List.copyOf(targets);
        frames = List.copyOf(frames);
    }

    /** A change that keeps away from the leading singular directions of every map. */
    static LowRankTuning orthogonal(Weights base, List<Projection> targets, int rank, double scale) {
        List<LeadingDirections> frames = new ArrayList<>();
        for (Block block : base.blocks()) {
            targets.forEach(target -> frames.add(LeadingDirections.of(block.projection(target))));
        }
        return new LowRankTuning(base, targets, rank, scale, frames);
    }

    private int width() {
        return (int) base.embedding().size(1);
    }

    private int maps() {
        return base.blocks().size() * targets.size();
    }

    @Override
    public Tensor start(long seed) {
        long half = (long) rank * width();
        double reach = 1 / Math.sqrt(width());
        DType type = base.embedding().dtype();
        List<Tensor> parts = new ArrayList<>();
        for (int m = 0; m < maps(); m++) {
            parts.add(Tensor.zeros(type, Device.CPU, half));
            parts.add(Tensor.uniform(-reach, reach, Randomness.derive(seed, m), type, half));
        }
        return Tensor.concat(0, parts);
    }

    @Override
    public Weights tuned(Tensor values) {
        Parts parts = new Parts(values);
        List<Block> blocks = new ArrayList<>();
        int map = 0;
        for (Block block : base.blocks()) {
            Block tuned = block;
            for (Projection target : targets) {
                Tensor up = parts.next(width(), rank);
                Tensor change = up.matmul(parts.next(rank, width())).times(scale);
                Tensor kept = frames.isEmpty() ? change : frames.get(map).removedFrom(change);
                tuned = tuned.with(target, block.projection(target).plus(kept));
                map++;
            }
            blocks.add(tuned);
        }
        return base.withBlocks(blocks);
    }
}
