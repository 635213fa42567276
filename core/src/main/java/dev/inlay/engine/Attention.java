package dev.inlay.engine;

/**
 * Scaled dot-product attention of one row: {@code softmax(scale q k' + mask) v} (Vaswani et al. 2017, equation 1), with
 * grouped queries: query head h reads key head h / (heads / kv_heads). Scores may be capped before the mask.
 *
 * <p>{@link #apply} never holds the whole table of weights; {@link #scores} and {@link #mix} do, for those who want to
 * look at it.
 */
public final class Attention {
    private Attention() {}

    /**
     * How a score is made of a query and a key: {@code cap(scale q k')}.
     *
     * @param scale positive, 1 / sqrt(head_dim) as a rule
     * @param softCap see {@link Activations#softCap}; infinite where scores are not capped
     */
    public record Scoring(double scale, double softCap) {
        /** Without a cap. */
        public static Scoring scaled(double scale) {
            return new Scoring(scale, Double.POSITIVE_INFINITY);
        }

        boolean isCapped() {
            return !Double.isInfinite(softCap);
        }
    }

    /**
     * @param q [queries, heads, head_dim]
     * @param k [keys, kv_heads, head_dim]
     * @param v [keys, kv_heads, head_dim]
     * @param visibility made for these numbers of queries, keys and heads per key head
     * @return [queries, heads, head_dim]
     */
    public static Tensor apply(Tensor q, Tensor k, Tensor v, Scoring scoring, Visibility visibility) {
        return apply(q, k, v, scoring, visibility, 0);
    }

    /**
     * As {@link #apply(Tensor, Tensor, Tensor, Scoring, Visibility)}.
     *
     * @param frozen so many first keys and values need no gradient, and may get none
     */
    public static Tensor apply(Tensor q, Tensor k, Tensor v, Scoring scoring, Visibility visibility, long frozen) {
        if (visibility.isByTable()) {
            return TableAttention.apply(q, k, v, scoring, visibility, frozen);
        }
        // The fused kernel knows no cap; where it would be used the whole table is small, or the type is for checks
        // only.
        return scoring.isCapped()
                ? mix(scores(q, k, scoring, visibility).softmax(), v)
                : FusedAttention.apply(q, k, v, scoring.scale(), visibility);
    }

    /**
     * The table before softmax.
     *
     * @return [heads, queries, keys], minus infinity where a query does not see a key
     */
    public static Tensor scores(Tensor q, Tensor k, Scoring scoring, Visibility visibility) {
        return scored(products(q, k), scoring).plus(visibility.wholeMask(q.dtype(), q.device()));
    }

    /**
     * The product of each query with each key, whether it is seen or not.
     *
     * @return [heads, queries, keys]
     */
    public static Tensor products(Tensor q, Tensor k) {
        Tensor keys = repeated(k, q.size(1) / k.size(1));
        return q.permute(1, 0, 2).matmul(keys.permute(1, 2, 0));
    }

    /** What scores are made of {@link #products}, before the mask. */
    public static Tensor scored(Tensor products, Scoring scoring) {
        return Activations.softCap(products.times(scoring.scale()), scoring.softCap());
    }

    /**
     * @param weights [heads, queries, keys]
     * @param v [keys, kv_heads, head_dim]
     * @return [queries, heads, head_dim]
     */
    public static Tensor mix(Tensor weights, Tensor v) {
        Tensor values = repeated(v, weights.size(0) / v.size(1));
        return weights.matmul(values.permute(1, 0, 2)).permute(1, 0, 2);
    }

    /** [keys, kv_heads, head_dim] to [keys, heads, head_dim]. */
    private static Tensor repeated(Tensor x, long group) {
        return x.reshape(x.size(0), x.size(1), 1, x.size(2))
                .expand(x.size(0), x.size(1), group, x.size(2))
                .reshape(x.size(0), x.size(1) * group, x.size(2));
    }
}
