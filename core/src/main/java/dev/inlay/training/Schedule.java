package dev.inlay.training;

import dev.inlay.InlayException;

/**
 * The learning rate over a run: a linear rise, then half a cosine down to almost zero (Loshchilov and Hutter 2017).
 *
 * <p>The same as transformers' {@code get_cosine_schedule_with_warmup} over {@code steps + 1} steps, less its first one,
 * whose rate is zero.
 *
 * @param warmUp steps of the rise, 0 for none
 * @param steps of the whole run, at least 1
 */
public record Schedule(int warmUp, int steps) {
    public Schedule {
        InlayException.require(steps >= 1, "steps must be at least 1, was %d", steps);
        InlayException.require(
                warmUp >= 0 && warmUp <= steps, "warm-up must be within the %d steps, was %d", steps, warmUp);
    }

    /**
     * @param step from 1 to {@link #steps}
     * @return factor of the learning rate, in (0, 1]
     */
    public double factor(int step) {
        if (step <= warmUp) {
            return (double) step / warmUp;
        }
        double progress = (double) (step - warmUp) / (steps + 1 - warmUp);
        return 0.5 * (1 + StrictMath.cos(Math.PI * progress));
    }
}
