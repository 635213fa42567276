package dev.inlay.training;

import static dev.inlay.InlayException.require;

import dev.inlay.model.DecoderConfig;

/**
 * Work of training a gated adapter in floating-point operations, by what is done with the tokens before the gate opens. The
 * head, the loss and the adapter's own products are left out; windows of attention are not counted.
 *
 * <p>With P tokens before the gate and S from it on, N weights in the layers' products and queries of d values in L layers:
 * reading the beginning {@code 2NP + 2dL P(P+1)}, the rest forward and backward {@code 4NS + 4dL (2SP + 1.5 S(S+1))}, a
 * whole row {@code 4N(P+S) + 6dL (P+S)(P+S+1)}.
 *
 * @param weights N
 * @param attention d L
 */
public record SplitCost(double weights, double attention) {
    public SplitCost {
        require(weights > 0 && attention >= 0, "a model has weights, found %s and %s", weights, attention);
    }

    public static SplitCost of(DecoderConfig config) {
        double vocabulary = (double) config.vocabulary() * config.width();
        double inLayers = config.parameters() - (config.tiedHead() ? 1 : 2) * vocabulary;
        return new SplitCost(inLayers, (double) config.attention().queryWidth() * config.layers());
    }

    /** Linear terms alone: rows that are short beside the width of the model. */
    public static SplitCost linear() {
        return new SplitCost(1, 0);
    }

    /** Sums over rows. */
    public record Total(double whole, double beginnings, double rest) {
        public static final Total NOTHING = new Total(0, 0, 0);

        public Total plus(Total other) {
            return new Total(whole + other.whole, beginnings + other.beginnings, rest + other.rest);
        }

        /** How many times less work than whole rows if beginnings are read without gradients, each time. */
        public double split() {
            return whole / (beginnings + rest);
        }

        /**
         * The same if beginnings are read once and kept.
         *
         * @param passes over the data: epochs times adapters
         */
        public double kept(double passes) {
            return passes * whole / (beginnings + passes * rest);
        }

        /** What {@link #kept} comes to with many passes. */
        public double limit() {
            return whole / rest;
        }
    }

    /**
     * One row.
     *
     * @param prefix P
     * @param suffix S, at least 1
     */
    public Total row(double prefix, double suffix) {
        double all = prefix + suffix;
        return new Total(
                4 * weights * all + 6 * attention * all * (all + 1),
                2 * weights * prefix + 2 * attention * prefix * (prefix + 1),
                4 * weights * suffix + 4 * attention * (2 * suffix * prefix + 1.5 * suffix * (suffix + 1)));
    }
}
