package dev.inlay.adapter.merge;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LogitDifference;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.Probe;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Linear;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.Site;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;

/**
 * How far a merged model is from its base with the adapter, on {@link Probe} rows. All are computed in float32 (float64
 * for a base in float64) whatever the type of the files, so that what shows is the change of the weights and not the
 * noise of short arithmetic.
 *
 * @param effect what the adapter itself changes, to compare with
 * @param total merged model against base with adapter
 * @param arithmetic the change applied as a full matrix, unrounded, against the same through its factors: what differs
 *     although no weight was rounded
 */
public record Drift(LogitDifference effect, LogitDifference total, LogitDifference arithmetic) {
    /** The share of the drift that comes from rounding the merged weights to their element type, 0 to 1. */
    public double roundingShare() {
        return total.isZero() ? 0 : Math.max(0, 1 - arithmetic.largest() / total.largest());
    }

    /** The type that it computes in. */
    static DType typeFor(ModelDirectory base) {
        return base.storedType() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    }

    /** Loads one model after the other, never two at a time. */
    static Drift measure(ModelDirectory base, Parts parts, Path merged) {
        DType type = typeFor(base);
        Probe probe = Probe.of(base.config());
        try (Scope scope = Scope.open()) {
            Tensor expected;
            LogitDifference effect;
            LogitDifference arithmetic;
            try (Decoder decoder = base.load(type, Device.CPU)) {
                expected = probe.logits(decoder, parts.on(decoder));
                effect = LogitDifference.between(probe.logits(decoder, List.of()), expected);
                arithmetic = LogitDifference.between(expected, probe.logits(decoder, dense(parts, decoder)));
            }
            try (Decoder decoder = ModelDirectory.open(merged).load(type, Device.CPU)) {
                LogitDifference total = LogitDifference.between(expected, probe.logits(decoder, List.of()));
                return new Drift(effect, total, arithmetic);
            }
        }
    }

    /** Only plain low-rank changes have another way to be computed; what else there is runs as it does. */
    private static List<Intervention> dense(Parts parts, Decoder decoder) {
        return parts.list().stream()
                .map(part -> part instanceof Adapter adapter
                        ? new Dense(adapter)
                        : part.on(decoder, UnaryOperator.identity()))
                .toList();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "drift %s (%.0f %% of it rounding); the adapter itself changes %s",
                total,
                100 * roundingShare(),
                effect);
    }

    /** The adapter's change as one full matrix per map, as a merged weight has it, but not rounded. */
    private record Dense(Adapter adapter) implements Intervention {
        @Override
        public Tensor project(Site site, Tensor input, Tensor output, Pass pass) {
            LowRank factors = adapter.factors().get(site);
            if (factors == null) {
                return output;
            }
            Tensor dense = factors.dense().to(output.dtype());
            return site.equals(Site.EMBEDDING)
                    ? output.plus(dense.transposed().rows(input))
                    : Linear.onto(output, input, dense);
        }
    }
}
