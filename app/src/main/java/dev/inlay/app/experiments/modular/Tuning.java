package dev.inlay.app.experiments.modular;

import dev.inlay.engine.Tensor;

/** How values that are trained become the weights of a tuned model. */
interface Tuning {
    /** Values before the first step, at which the model is its base, [count]. */
    Tensor start(long seed);

    /** @param values [count]; where they are a leaf, gradients reach them */
    Weights tuned(Tensor values);
}
