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

    /** A change that begins as none: every row keeps its length. */
    public static Decomposed of(LowRank change, Tensor weight) {
        return new Decomposed(change, lengths(change, weight));
    }

    /**
     * {@code 1 / |W + scale * up down|}, [out] float32: a constant of the gradient (section 4.3 of the paper).
     *
     * @param weight [out, in]
     */
    Tensor inverseLengths(Tensor weight) {
        try (Scope scope = Scope.open()) {
            Tensor lengths = lengths(change, weight);
            Tensor inverse = Tensor.full(1, DType.FLOAT32, lengths.device(), lengths.count())
                    .dividedBy(lengths);
            if (!inverse.isFinite()) {
                throw InlayException.adapter(
                        "a row of a changed weight has length 0 or is not finite; DoRA cannot scale it");
            }
            return scope.keep(inverse);
        }
    }

    private static Tensor lengths(LowRank change, Tensor weight) {
        try (Scope scope = Scope.open()) {
            Tensor changed = change.with(change.up().detached(), change.down().detached())
                    .dense()
                    .add(weight.to(DType.FLOAT32));
            return scope.keep(
                    changed.multiply(changed).sum(1).reshape(change.out()).sqrt());
        }
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
            rows(squares, block)
                    .add(changed.values().multiply(changed.values()).sum(1).reshape(block.outs()));
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
