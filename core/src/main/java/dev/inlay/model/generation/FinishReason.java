package dev.inlay.model.generation;

/** Why a row ended. */
public enum FinishReason {
    /** The model chose a stop id. */
    STOP_ID,
    /** The text came to a stop string. */
    STOP_STRING,
    /** As many tokens as asked for. */
    LENGTH,
    /** The model's context is full. */
    CONTEXT,
    /** Whoever watches wants no more. */
    STOPPED
}
