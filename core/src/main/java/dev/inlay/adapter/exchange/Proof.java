package dev.inlay.adapter.exchange;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LogitDifference;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.Probe;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.ModelDirectory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What probe rows say of an adapter that was written and read again, computed in float32 (float64 for a base in float64).
 *
 * @param effect of it on the model
 * @param deviation from what was meant, if that is known
 */
record Proof(LogitDifference effect, Optional<LogitDifference> deviation) {
    /** Rounding factors to 16 bits stays far below, a wrong factor far above; as for merging. */
    private static final double LARGEST_DIVERGENCE = 0.01;

    /** The logits that are meant. */
    @FunctionalInterface
    interface Meant {
        /**
         * @param base the bare model
         * @return [tokens, vocabulary] of the probe's rows
         */
        Tensor logits(Probe probe, Decoder base);

        /** Those of the adapter as it was before it was written, where its gate is open. */
        static Meant of(Adapter adapter) {
            return (probe, base) -> probe.logits(base, List.of(adapter.with(Gate.OPEN)));
        }
    }

    /**
     * Runs the probe.
     *
     * @param target for errors
     * @throws InlayException if the adapter read changes nothing
     */
    static Proof of(ModelDirectory model, Optional<Meant> meant, Parts read, Path target) {
        try (Scope scope = Scope.open();
                Decoder decoder = model.load(wide(model), Device.CPU)) {
            Probe probe = Probe.of(model.config());
            Tensor with = probe.logits(decoder, read.with(Gate.OPEN).on(decoder));
            LogitDifference effect = LogitDifference.between(probe.logits(decoder, List.of()), with);
            if (effect.isZero() || !Double.isFinite(effect.divergence())) {
                throw InlayException.adapter(
                        "%s: the converted adapter makes %s; nothing was written",
                        target, effect.isZero() ? "no difference to the probed logits" : "the logits infinite or NaN");
            }
            return new Proof(effect, meant.map(other -> LogitDifference.between(other.logits(probe, decoder), with)));
        }
    }

    /** The type to compare in. */
    static DType wide(ModelDirectory model) {
        return model.storedType() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    }

    /** It is an error if rounding alone does not explain the deviation. */
    Proof requireNear(Path target) {
        deviation.ifPresent(found -> {
            if (!(found.divergence() <= LARGEST_DIVERGENCE)) {
                throw InlayException.adapter(
                        "%s: the adapter read again differs from what was meant by %s, at most %s nats are allowed;"
                                + " nothing was written",
                        target, found, LARGEST_DIVERGENCE);
            }
        });
        return this;
    }
}
