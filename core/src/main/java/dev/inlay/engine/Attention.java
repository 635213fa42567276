package dev.inlay.engine;

/**
 * Scaled dot-product attention of one row: {@code softmax(scale q k' + mask) v} (Vaswani et al. 2017, equation 1), with
 * grouped queries: query head h reads key head h / (heads / kv_heads).
 *
 * <p>{@link #apply} never holds the whole table of weights; {@link #scores} and {@link #mix} do, for those who want to
 * look at it.
 */
public final class Attention {
    private Attention() {}

    /**
     * @param q [queries, heads, head_dim]
     * @param k [keys, kv_heads, head_dim]
     * @param v [keys, kv_heads, head_dim]
     * @param visibility made for these numbers of queries, keys and heads per key head
     * @return [queries, heads, head_dim]
     */
    public static Tensor apply(Tensor q, Tensor k, Tensor v, double scale, Visibility visibility) {
        return visibility.isByTable()
                ? TableAttention.apply(q, k, v, scale, visibility)
                : FusedAttention.apply(q, k, v, scale, visibility);
    }

    /**
     * The table before softmax.
     *
     * @return [heads, queries, keys], minus infinity where a query does not see a key
     */
    public static Tensor scores(Tensor q, Tensor k, double scale, Visibility visibility) {
        Tensor keys = repeated(k, q.size(1) / k.size(1));
        Tensor table = q.permute(1, 0, 2).matmul(keys.permute(1, 2, 0)).times(scale);
        return table.plus(visibility.wholeMask(q.dtype(), q.device()));
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
