package dev.inlay.app.experiments.modular;

import dev.inlay.engine.Tensor;

/**
 * Every weight of the model on its own.
 *
 * @param base values of the base, [parameters]
 */
record FullTuning(Sizes sizes, Tensor base) implements Tuning {
    @Override
    public Tensor start(long seed) {
        return base.copy();
    }

    @Override
    public Weights tuned(Tensor values) {
        return Weights.of(sizes, values);
    }
}
