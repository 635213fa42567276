package dev.inlay.engine;

import dev.inlay.engine.Attention.Scoring;
import java.util.List;

/**
 * Attention over a part of the keys: the mix that it would be if there were no others, and how much it counts beside
 * theirs. Parts are joined exactly (Milakov and Gimelshein 2018, section 3.1), so that keys which many rows share are read
 * where they lie, by the queries of all these rows in one product. Without gradients.
 *
 * @param mix [queries, heads, head_dim]
 * @param logSum [queries, heads, 1] logarithm of the sum of exp(score); minus infinity where a query sees nothing
 */
public record PartialAttention(Tensor mix, Tensor logSum) {
    /**
     * @param q [queries, heads, head_dim]
     * @param k [keys, kv_heads, head_dim]
     * @param v [keys, kv_heads, head_dim]
     * @param visibility made for these numbers of queries, keys and heads per key head; each query sees at least one key
     */
    public static PartialAttention of(Tensor q, Tensor k, Tensor v, Scoring scoring, Visibility visibility) {
        if (visibility.favoursFused() && !scoring.isCapped()) {
            return FusedAttention.partial(q, k, v, scoring.scale(), visibility);
        }
        if (visibility.isByTable()) {
            return TableAttention.partial(q, k, v, scoring, visibility);
        }
        Tensor scores = Attention.scores(q, k, scoring, visibility);
        Tensor weights = scores.softmax();
        return new PartialAttention(
                Attention.mix(weights, v), logSum(scores, weights).permute(1, 0, 2));
    }

    /** The greatest weight is exp(greatest score - logSum), and never too small for its logarithm. */
    static Tensor logSum(Tensor scores, Tensor weights) {
        return greatest(scores).minus(greatest(weights).log());
    }

    private static Tensor greatest(Tensor x) {
        return Tensor.make(() -> x.live().amax(new long[] {-1}, true));
    }

    /** The same of more queries. */
    public static PartialAttention concat(int dimension, List<PartialAttention> parts) {
        return parts.size() == 1
                ? parts.get(0)
                : new PartialAttention(
                        Tensor.concat(
                                dimension,
                                parts.stream().map(PartialAttention::mix).toList()),
                        Tensor.concat(
                                dimension,
                                parts.stream().map(PartialAttention::logSum).toList()));
    }

    /**
     * The same among more queries, the others of which see nothing.
     *
     * @param numbers of these queries, [queries]
     * @param count of all
     */
    public PartialAttention among(Tensor numbers, long count) {
        Tensor none = Tensor.zeros(mix.dtype(), mix.device(), count, mix.size(1), mix.size(2));
        Tensor nothing =
                Tensor.full(Double.NEGATIVE_INFINITY, logSum.dtype(), logSum.device(), count, logSum.size(1), 1);
        return new PartialAttention(none.withRows(numbers, mix), nothing.withRows(numbers, logSum));
    }

    /**
     * Attention over the keys of all parts.
     *
     * @param parts of the same queries, each of which sees something in one of them
     * @return [queries, heads, head_dim]
     */
    public static Tensor joined(List<PartialAttention> parts) {
        Tensor shares = Tensor.concat(
                        2, parts.stream().map(PartialAttention::logSum).toList())
                .softmax();
        Tensor sum = parts.get(0)
                .mix
                .times(shares.narrow(2, 0, 1).to(parts.get(0).mix.dtype()));
        for (int i = 1; i < parts.size(); i++) {
            Tensor mix = parts.get(i).mix;
            sum = sum.add(mix.times(shares.narrow(2, i, 1).to(mix.dtype())));
        }
        return sum;
    }
}
