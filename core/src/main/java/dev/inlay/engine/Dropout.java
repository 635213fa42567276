package dev.inlay.engine;

import dev.inlay.InlayException;
import java.util.List;

/** Sets elements to zero at random and scales the others up, in training only (Srivastava et al. 2014). */
public final class Dropout {
    private Dropout() {}

    /**
     * @param probability of an element to be dropped, in [0, 1)
     * @param seed decides which; the same seed and shape drop the same elements
     */
    public static Tensor apply(Tensor x, double probability, long seed) {
        InlayException.require(probability >= 0 && probability < 1, "dropout must be in [0, 1), was %s", probability);
        if (probability == 0) {
            return x;
        }
        Tensor mask = Tensor.empty(x.dtype(), Device.CPU, x.shape());
        Randomness.with(seed, generator -> mask.live().bernoulli_(1 - probability, generator));
        mask.multiply(1 / (1 - probability));
        Tensor onDevice = mask.to(x.device());
        Tensor y = x.detached().times(onDevice);
        return y.from(g -> x.give(g.times(onDevice), true), List.of(onDevice), x);
    }
}
