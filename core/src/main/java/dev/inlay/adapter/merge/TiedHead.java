package dev.inlay.adapter.merge;

/** What to do with an adapter on a head that is the embedding: unmerged it changes the head alone. */
public enum TiedHead {
    /** An error: the merged weight would change the embedding too. */
    REFUSE,
    /** The merged model gets a head of its own, and {@code "tie_word_embeddings": false}. */
    UNTIE
}
