package dev.inlay.adapter;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Linear;
import dev.inlay.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * A change of one linear map: {@code W x} becomes {@code W x + scale * up (down x)} (Hu et al. 2021, equation 3; there
 * B = up and A = down). The factors are never multiplied out by accident.
 *
 * @param up [out, rank]
 * @param down [rank, in]
 * @param scale factor of the product, finite
 */
public record LowRank(Tensor up, Tensor down, double scale) {
    public LowRank {
        if (up.rank() != 2 || down.rank() != 2 || up.size(1) != down.size(0)) {
            throw InlayException.adapter(
                    "the factors do not fit: up %s, down %s; expected [out, rank] and [rank, in]",
                    List.of(up.size(0), up.size(-1)), List.of(down.size(0), down.size(-1)));
        }
        if (!Double.isFinite(scale)) {
            throw InlayException.adapter("the scale must be finite, was %s", scale);
        }
    }

    public long rank() {
        return down.size(0);
    }

    public long in() {
        return down.size(1);
    }

    public long out() {
        return up.size(0);
    }

    /** Number of trained values. */
    public long parameters() {
        return up.count() + down.count();
    }

    /**
     * Into the low rank: {@code down x}.
     *
     * @param x [tokens, in]; the factors are converted to its element type
     * @return [tokens, rank]
     */
    Tensor inward(Tensor x) {
        return Linear.apply(x, down.to(x.dtype()), null);
    }

    /**
     * Into the low rank, where the input is one-hot: columns of {@code down}.
     *
     * @param ids [tokens]
     * @return [tokens, rank]
     */
    Tensor columns(Tensor ids, DType type) {
        return down.transposed().rows(ids).to(type);
    }

    /**
     * Out of it: {@code output + up inner}.
     *
     * @param inner [tokens, rank]
     * @param output [tokens, out]
     */
    Tensor outward(Tensor inner, Tensor output) {
        return Linear.onto(output, inner, up.to(inner.dtype()));
    }

    /** The change as a dense matrix {@code scale * up down} [out, in]; for merging and analysis. */
    public Tensor dense() {
        return up.matmul(down).times(scale);
    }

    /** How merging adds it to a weight. */
    Edit edit() {
        Tensor wideUp = up.detached().to(Device.CPU).to(DType.FLOAT64);
        Tensor wideDown = down.detached().to(Device.CPU).to(DType.FLOAT64);
        return block -> block.values()
                .add(
                        wideUp.narrow(0, block.firstOut(), block.outs())
                                .matmul(wideDown.narrow(1, block.firstIn(), block.ins())),
                        scale);
    }

    boolean isFinite() {
        return up.isFinite() && down.isFinite();
    }

    /** Whether this changes a map as the other changes its transpose. */
    boolean isTransposeOf(LowRank other) {
        return scale == other.scale && same(up, other.down.transposed()) && same(down, other.up.transposed());
    }

    private static boolean same(Tensor a, Tensor b) {
        return Arrays.equals(a.shape(), b.shape()) && a.minus(b).maxAbs() == 0;
    }

    /** The same change with other factors: copies, leaves, another device. */
    LowRank with(Tensor newUp, Tensor newDown) {
        return new LowRank(newUp, newDown, scale);
    }
}
