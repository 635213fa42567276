package dev.inlay.model;

/** The linear maps of a decoder that can be adapted. A family has some of them. */
public enum Projection {
    /** The embedding: the map of one-hot vectors, its input given as token ids. Not in a layer. */
    EMBEDDING,
    QUERY,
    KEY,
    VALUE,
    /** One map for all three, their outputs one after the other (GPT-2). */
    QUERY_KEY_VALUE,
    /** From the mixed values back to the residual stream. */
    ATTENTION_OUTPUT,
    GATE,
    UP,
    DOWN,
    /** The unembedding: from the last norm to the logits. Not in a layer. */
    HEAD
}
