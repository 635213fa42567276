package dev.inlay.adapter.gate;

/** What happens to a row in which a trigger does not occur. */
public enum OnMissing {
    /** It is refused. */
    ERROR,
    /** The adapter does not act on it: what PEFT and llama.cpp do without a word. */
    BASE,
    /** The adapter acts on all of it. */
    ALL_ON
}
