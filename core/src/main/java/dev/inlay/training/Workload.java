package dev.inlay.training;

import static dev.inlay.InlayException.require;

import dev.inlay.engine.DType;
import dev.inlay.model.DecoderConfig;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Site;
import java.util.Map;

/**
 * What a training run asks of a machine, known before anything is loaded: the model's shape, what of it is trained, and how
 * the work is cut.
 *
 * @param config shape of the model
 * @param type element type in which it is computed
 * @param ranks the adapted maps and the rank on each; empty where the model itself is trained, all its weights
 * @param vectors trained values for each output of an adapted map beside its factors: 1 for DoRA's magnitudes, else 0
 * @param cut how the work is cut
 */
public record Workload(DecoderConfig config, DType type, Map<LinearSite, Integer> ranks, int vectors, Cut cut) {
    /**
     * How the work is cut.
     *
     * @param unitTokens tokens of the largest unit
     * @param rowTokens tokens of the longest row, at most {@code unitTokens}
     * @param unitsPerStep units of a step, each with a gradient of its own
     * @param workers threads; each runs one unit at a time
     * @param memory what is kept for the gradient
     * @param dropout whether the adapter's inputs go through dropout
     */
    public record Cut(
            long unitTokens,
            long rowTokens,
            int unitsPerStep,
            int workers,
            TrainingOptions.Memory memory,
            boolean dropout) {
        public Cut {
            require(
                    rowTokens >= 1 && unitTokens >= rowTokens,
                    "a row of %d tokens does not fit a unit of %d; units hold at least the longest row",
                    rowTokens,
                    unitTokens);
            require(unitsPerStep >= 1 && workers >= 1, "units and workers must be at least 1");
        }

        /** The same with other units; rows longer than them are cut. */
        public Cut withUnitTokens(long tokens) {
            return new Cut(tokens, Math.min(rowTokens, tokens), unitsPerStep, workers, memory, dropout);
        }
    }

    public Workload {
        ranks = Map.copyOf(ranks);
    }

    /** Of training all weights of a model. */
    public static Workload whole(DecoderConfig config, DType type, Cut cut) {
        return new Workload(config, type, Map.of(), cut);
    }

    /** Whether all weights of the model are trained. */
    public boolean isWhole() {
        return ranks.isEmpty();
    }

    /** Plain low-rank changes. */
    public Workload(DecoderConfig config, DType type, Map<LinearSite, Integer> ranks, Cut cut) {
        this(config, type, ranks, 0, cut);
    }

    public Workload with(Cut other) {
        return new Workload(config, type, ranks, vectors, other);
    }

    /** Trained values, P. */
    public long trainedParameters() {
        return isWhole() ? MemoryPlan.weights(config) : adapterParameters();
    }

    /** Values of the adapter, 0 where there is none. */
    public long adapterParameters() {
        return ranks.entrySet().stream()
                .mapToLong(entry -> entry.getValue()
                                * ((long) entry.getKey().in() + entry.getKey().out())
                        + (long) vectors * entry.getKey().out())
                .sum();
    }

    /** Units that are in memory at the same time. */
    int unitsAtOnce() {
        return Math.min(cut.workers(), cut.unitsPerStep());
    }

    /** The first layer with a change: below it nothing is kept and no gradient flows. */
    int lowestAdapted() {
        if (isWhole()) {
            return 0;
        }
        return ranks.keySet().stream()
                .map(LinearSite::site)
                .mapToInt(site -> site.equals(Site.HEAD) ? config.layers() : site.layer())
                .min()
                .orElseThrow(() -> new IllegalStateException("there is at least one"));
    }
}
