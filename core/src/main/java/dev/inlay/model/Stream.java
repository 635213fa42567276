package dev.inlay.model;

/**
 * The named values inside a pass, in the order of computation. Shapes use the glossary of ARCHITECTURE.md; {@code row}
 * marks values that exist once per row of the pass.
 */
public enum Stream {
    /** [tokens, width] rows of the embedding, multiplied where the family does so. */
    TOKEN_EMBEDDING,
    /** [tokens, width] learned positions, where the family has them. */
    POSITION_EMBEDDING,
    /** [tokens, width] what a layer receives. */
    RESIDUAL,
    /** [tokens, width] what attention reads, normed where the family has a norm there. */
    ATTENTION_NORM,
    /** [tokens, heads, head_dim] before rotation, after the norm of queries where there is one. */
    QUERY,
    /** [tokens, kv_heads, head_dim] before rotation, after the norm of keys where there is one. */
    KEY,
    /** [tokens, kv_heads, head_dim] */
    VALUE,
    /** [heads, queries, keys] of one row, before softmax, after the cap where there is one. */
    ATTENTION_SCORES,
    /** [heads, queries, keys] of one row, after softmax. */
    ATTENTION_WEIGHTS,
    /** [tokens, heads * head_dim] mixed values. */
    ATTENTION_MIX,
    /** [tokens, width] what attention adds to the residual stream. */
    ATTENTION_OUTPUT,
    /** [tokens, width] with what attention adds. */
    RESIDUAL_MIDDLE,
    /** [tokens, width] what feed-forward reads, normed where the family has a norm there. */
    FEED_FORWARD_NORM,
    /** [tokens, feed_forward] before the activation function. */
    FEED_FORWARD_INPUT,
    /** [tokens, feed_forward] after it, and after the gate where there is one. */
    FEED_FORWARD_ACTIVATION,
    /** [tokens, width] what feed-forward adds to the residual stream. */
    FEED_FORWARD_OUTPUT,
    /** [tokens, width] what a layer hands on. */
    RESIDUAL_END,
    /** [tokens, width] input of the unembedding. */
    FINAL_NORM;

    /** Whether the value exists once per row of the pass, and not once for all tokens. */
    public boolean isPerRow() {
        return this == ATTENTION_SCORES || this == ATTENTION_WEIGHTS;
    }
}
