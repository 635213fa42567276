package dev.inlay.model.generation;

/** In what of a row that grows a rule looks for what opens its gate. */
public enum Listening {
    /** In what was given: a trigger that the model writes opens nothing, as in PEFT. */
    TO_GIVEN,
    /**
     * In what the model writes too. Tokens that a trigger reaches backwards are computed again under the open gate before
     * the next token is chosen: the row goes on as if it had been given whole.
     */
    TO_ALL
}
