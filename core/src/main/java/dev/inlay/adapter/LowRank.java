package dev.inlay.adapter;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Linear;
import dev.inlay.engine.Qr;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Svd;
import dev.inlay.engine.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * A change of one linear map: {@code W x} becomes {@code W x + scale * up (down x)} (Hu et al. 2021, equation 3; there
 * B = up and A = down). The factors are never multiplied out by accident.
 *
 * <p>As a mathematical object: a matrix [out, in] of which sums, multiples, norms and singular values are found from the
 * factors alone, in O((in + out) rank^2). Measures are computed in float64 and not recorded for gradients.
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

    // ------------------------------------------------------------------ algebra

    /** That many times the change; exact, the factors stay. */
    public LowRank times(double factor) {
        return new LowRank(up, down, scale * factor);
    }

    /** The sum of two changes of one map, with scale 1. The ranks add; the only error is one rounding of down. */
    public LowRank plus(LowRank other) {
        requireSameMap(other);
        DType type = up.dtype() == other.up.dtype() ? up.dtype() : DType.FLOAT64;
        return new LowRank(
                Tensor.concat(1, List.of(up.to(type), other.up.to(type))),
                Tensor.concat(0, List.of(scaledDown(type), other.scaledDown(type))),
                1);
    }

    /** The difference of two changes of one map; see {@link #plus}. */
    public LowRank minus(LowRank other) {
        return plus(other.times(-1));
    }

    /** The same change with scale 1. */
    public LowRank unscaled() {
        return new LowRank(up, scaledDown(up.dtype()), 1);
    }

    private Tensor scaledDown(DType type) {
        return scale == 1 ? down.to(type) : down.to(type).times(scale);
    }

    // ------------------------------------------------------------------ measures

    /** Frobenius norm {@code |scale * up down|}. */
    public double norm() {
        try (Scope scope = Scope.open()) {
            return Math.abs(scale)
                    * core(orthogonal(up), orthogonal(down.transposed())).norm();
        }
    }

    /**
     * Frobenius inner product with another change of the map: with B = up and A = down it is {@code trace((B1' B2) (A2
     * A1'))}, and both are [rank, rank].
     */
    public double inner(LowRank other) {
        requireSameMap(other);
        try (Scope scope = Scope.open()) {
            Tensor outer = wide(up).transposed().matmul(wide(other.up));
            Tensor inner = wide(down).matmul(wide(other.down).transposed());
            return scale * other.scale * outer.times(inner).sum().item();
        }
    }

    /** Cosine of the angle between two changes of one map, -1 to 1; 0 where one of them is no change. */
    public double cosine(LowRank other) {
        double norms = norm() * other.norm();
        return norms == 0 ? 0 : Math.max(-1, Math.min(1, inner(other) / norms));
    }

    /** Singular values. */
    public Spectrum spectrum() {
        try (Scope scope = Scope.open()) {
            return svd().spectrum();
        }
    }

    /**
     * Singular value decomposition. With the QR decompositions up = Q R and down' = P S, the change is {@code Q (scale * R
     * S') P'}, and the bracket, at most [rank, rank], is all that a dense decomposition sees.
     */
    public SingularDecomposition svd() {
        try (Scope scope = Scope.open()) {
            Qr outer = orthogonal(up);
            Qr inner = orthogonal(down.transposed());
            Svd core = Svd.of(core(outer, inner).times(scale));
            return new SingularDecomposition(
                    scope.keep(outer.orthonormal().matmul(core.left())),
                    new Spectrum(
                            Arrays.stream(core.values().toDoubles()).boxed().toList()),
                    scope.keep(core.right().matmul(inner.orthonormal().transposed())));
        }
    }

    /** The best change of fewer ranks, in the element type of the factors; see {@link SingularDecomposition#truncated}. */
    public Approximation compressed(int rank) {
        try (Scope scope = Scope.open()) {
            Approximation best = svd().truncated(rank, up.dtype());
            scope.keep(best.change().up());
            scope.keep(best.change().down());
            return best;
        }
    }

    /** R S' of two decompositions, [min(out, rank), min(in, rank)]. */
    private static Tensor core(Qr outer, Qr inner) {
        return outer.triangular().matmul(inner.triangular().transposed());
    }

    private static Qr orthogonal(Tensor factor) {
        return Qr.of(wide(factor));
    }

    private static Tensor wide(Tensor factor) {
        return factor.detached().to(DType.FLOAT64);
    }

    private void requireSameMap(LowRank other) {
        if (in() != other.in() || out() != other.out()) {
            throw InlayException.adapter(
                    "a change of a map from %d to %d and one from %d to %d are of different maps",
                    in(), out(), other.in(), other.out());
        }
    }

    // ------------------------------------------------------------------ merging

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
