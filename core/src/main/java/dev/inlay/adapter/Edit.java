package dev.inlay.adapter;

import dev.inlay.engine.Tensor;

/** How merging changes one weight: block by block, in float64, whatever the size of the weight. */
public interface Edit {
    /**
     * A piece of a weight, to be changed in place. A bias is a weight with one column.
     *
     * @param values [outs, ins] float64, a view in which rows are outputs however the file stores the weight
     * @param firstOut number of the first output of the block
     * @param firstIn number of its first input
     */
    record Block(Tensor values, long firstOut, long firstIn) {
        long outs() {
            return values.size(0);
        }

        long ins() {
            return values.size(1);
        }

        /** The part of a matrix of the whole weight's shape that lies under this block. */
        Tensor of(Tensor whole) {
            return whole.narrow(0, firstOut, outs()).narrow(1, firstIn, ins());
        }
    }

    /** Sees a block before any is changed; every block is shown once. For changes that depend on the whole weight. */
    default void look(Block block) {}

    /** Whether {@link #look} wants to see the weight. */
    default boolean looks() {
        return false;
    }

    void change(Block block);
}
