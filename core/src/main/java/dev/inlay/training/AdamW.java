package dev.inlay.training;

import dev.inlay.InlayException;

/**
 * Settings of the optimiser (Loshchilov and Hutter 2019, "Decoupled weight decay regularization").
 *
 * @param beta1 decay of the mean gradient, in [0, 1)
 * @param beta2 decay of the mean squared gradient, in [0, 1)
 * @param epsilon added to the root of the second moment, positive
 * @param weightDecay share of a weight lost per step at learning rate 1, not negative
 */
public record AdamW(double beta1, double beta2, double epsilon, double weightDecay) {
    /** The values of torch, less its weight decay. */
    public static final AdamW DEFAULT = new AdamW(0.9, 0.999, 1e-8, 0);

    public AdamW {
        InlayException.require(beta1 >= 0 && beta1 < 1, "beta1 must be in [0, 1), was %s", beta1);
        InlayException.require(beta2 >= 0 && beta2 < 1, "beta2 must be in [0, 1), was %s", beta2);
        InlayException.require(epsilon > 0, "epsilon must be positive, was %s", epsilon);
        InlayException.require(
                weightDecay >= 0 && Double.isFinite(weightDecay),
                "weight decay must not be negative, was %s",
                weightDecay);
    }
}
