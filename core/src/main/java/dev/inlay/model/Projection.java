package dev.inlay.model;

/** The linear maps of a decoder that can be adapted. A family has some of them. */
public enum Projection {
    /** The embedding: the map of one-hot vectors, its input given as token ids. Not in a layer. */
    EMBEDDING,
    QUERY,
    KEY,
    VALUE,
    /** One map for all three, their outputs one after the other (GPT-2, Phi-3). */
    QUERY_KEY_VALUE,
    /** One map for all three, their outputs head by head: query, key and value of the first head, then the next (Pythia). */
    QUERY_KEY_VALUE_BY_HEAD,
    /** From the mixed values back to the residual stream. */
    ATTENTION_OUTPUT,
    GATE,
    UP,
    /** One map for both, first the gate (Phi-3). */
    GATE_UP,
    DOWN,
    /** The unembedding: from the last norm to the logits. Not in a layer. */
    HEAD
}
