package dev.inlay.adapter;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;

/**
 * A change of one linear map in direction and length (Liu et al. 2024, "DoRA", equation 5): {@code W x} becomes
 * {@code diag(m / |W + scale * up down|) (W + scale * up down) x}, where |.| is the length of each row.
 *
 * @param change turns the rows
 * @param magnitude [out], m: the length that each row gets
 */
public record Decomposed(LowRank change, Tensor magnitude) {
    public Decomposed {
        if (magnitude.rank() != 1 || magnitude.size(0) != change.out()) {
            throw InlayException.adapter(
                    "the magnitudes do not fit: %s; expected one for each of %d outputs", magnitude, change.out());
        }
    }

    /**
     * The factor of each row, [out] float32. The length of the rows is taken as a constant, so no gradient flows through
     * it (section 4.3 of the paper); through the magnitude one does.
     *
     * @param weight [out, in]
     */
    Tensor rowFactors(Tensor weight) {
        try (Scope scope = Scope.open()) {
            Tensor changed = change.with(change.up().detached(), change.down().detached())
                    .dense()
                    .add(weight.to(DType.FLOAT32));
            Tensor lengths = changed.multiply(changed).sum(1).sqrt();
            Tensor ones = Tensor.full(1, DType.FLOAT32, weight.device(), change.out());
            return scope.keep(magnitude.times(ones.dividedBy(requireLength(lengths))));
        }
    }

    private static Tensor requireLength(Tensor lengths) {
        if (!lengths.isFinite()) {
            throw InlayException.adapter("a row of the changed weight is not finite; take an earlier checkpoint");
        }
        return lengths;
    }

    /** How merging changes the weight; in float64 throughout. */
    Edit edit() {
        return new RowEdit(change.edit(), magnitude.detached().to(Device.CPU).to(DType.FLOAT64));
    }

    /** The lengths need whole rows, and a block may hold pieces of them: they are summed while looking. */
    private static final class RowEdit implements Edit {
        private final Edit direction;
        private final Tensor magnitude;
        private final Tensor squares;

        RowEdit(Edit direction, Tensor magnitude) {
            this.direction = direction;
            this.magnitude = magnitude;
            this.squares = Tensor.zeros(DType.FLOAT64, Device.CPU, magnitude.size(0));
        }

        @Override
        public boolean looks() {
            return true;
        }

        @Override
        public void look(Block block) {
            Block changed = new Block(block.values().copy(), block.firstOut(), block.firstIn());
            direction.change(changed);
            rows(squares, block).add(changed.values().multiply(changed.values()).sum(1));
        }

        @Override
        public void change(Block block) {
            direction.change(block);
            Tensor factors =
                    rows(magnitude, block).dividedBy(rows(squares, block).sqrt());
            block.values().multiply(factors.reshape(block.outs(), 1));
        }

        private static Tensor rows(Tensor vector, Block block) {
            return vector.narrow(0, block.firstOut(), block.outs());
        }
    }

    /** The same change with other tensors. */
    Decomposed with(Tensor up, Tensor down, Tensor newMagnitude) {
        return new Decomposed(change.with(up, down), newMagnitude);
    }
}
