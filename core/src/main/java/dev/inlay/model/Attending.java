package dev.inlay.model;

import dev.inlay.engine.Attention;
import dev.inlay.engine.Tensor;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * The attention of one layer of one pass, before values are mixed.
 *
 * @param layer from 0
 * @param window how many positions back a query sees, itself included
 * @param scoring how a score is made of a query and a key
 * @param own what the pass makes of the layer's input
 * @param others what the same input becomes with other interventions than those of the pass
 * @param rows what attention within a row gives, by the number of the row: [length, heads, head_dim]
 */
public record Attending(
        int layer,
        Pass pass,
        long window,
        Attention.Scoring scoring,
        Heads own,
        Function<List<? extends Intervention>, Heads> others,
        IntFunction<Tensor> rows) {
    /**
     * What a layer's input becomes for attention: normed, projected, turned to its position.
     *
     * @param queries [tokens, heads, head_dim]
     * @param keys [tokens, kv_heads, head_dim]
     * @param values [tokens, kv_heads, head_dim]
     */
    public record Heads(Tensor queries, Tensor keys, Tensor values) {
        /** Neighbouring tokens; views. */
        public Heads narrow(int start, int length) {
            return new Heads(
                    queries.narrow(0, start, length), keys.narrow(0, start, length), values.narrow(0, start, length));
        }
    }

    /** What the same input becomes with other interventions. */
    public Heads under(List<? extends Intervention> interventions) {
        return others.apply(interventions);
    }

    /** Attention of a row over its own keys, [length, heads, head_dim]. */
    public Tensor within(int row) {
        return rows.apply(row);
    }
}
