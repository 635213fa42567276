package dev.inlay.model;

import dev.inlay.engine.Tensor;

/** How values are mixed in a layer, if not by each row over its own keys. */
@FunctionalInterface
public interface Mixing {
    /** @return [tokens, heads, head_dim] */
    Tensor mix(Attending layer);
}
