package dev.inlay.adapter;

import dev.inlay.engine.Tensor;
import dev.inlay.model.Pass;
import dev.inlay.model.Site;

/** What a row's own vector does inside the low rank: the term x_d . (A h) of ARCHITECTURE.md's formula. */
public interface Modulation {
    /** No row differs from another. */
    Modulation NONE = new Modulation() {
        @Override
        public Tensor apply(Site site, Tensor x, Tensor inner, Pass pass) {
            return inner;
        }

        @Override
        public String toString() {
            return "none";
        }
    };

    /**
     * @param x [tokens, in] input of the map
     * @param inner [tokens, rank], {@code down x}
     * @return [tokens, rank]
     */
    Tensor apply(Site site, Tensor x, Tensor inner, Pass pass);
}
