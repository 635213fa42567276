package dev.inlay.training.data;

/** Which tokens of completion and chat rows are learned; of a text row always all. */
public enum LossOn {
    /** The completion, or the assistant's turns, with the token that ends them. */
    COMPLETION,
    /** The last response alone: the completion, or the last of the assistant's turns. */
    LAST,
    /** Every token. */
    ALL
}
