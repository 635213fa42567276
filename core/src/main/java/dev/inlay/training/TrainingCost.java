package dev.inlay.training;

import dev.inlay.model.DecoderConfig;
import dev.inlay.model.DecoderConfig.AttentionShape;

/**
 * Work of training, in floating-point operations per token of input.
 *
 * <p>With N weights in matrix products: forward 2N; backward through the activations 2N above the lowest adapted layer,
 * and nothing below it; no gradients of weights, so 4N. Training all weights takes their gradients' 2N more, 6N together.
 * Recomputation runs forward once more.
 *
 * @param layers products with the layers' weights
 * @param head products with the unembedding, at labelled positions only
 * @param attention products of queries, keys and values; each token sees half its row on average, or its window
 * @param adapter 2P forward, 4P backward
 */
public record TrainingCost(double layers, double head, double attention, double adapter) {
    /**
     * @param labelled share of the positions that carry loss, 0 to 1
     */
    public static TrainingCost of(Workload work, double labelled) {
        DecoderConfig config = work.config();
        AttentionShape shape = config.attention();
        double vocabulary = (double) config.vocabulary() * config.width();
        double inLayers = config.parameters() - (config.tiedHead() ? 1 : 2) * vocabulary;
        double tracked = 1 - Math.min(1, (double) work.lowestAdapted() / config.layers());
        double own = work.isWhole() ? 1 : 0;
        double again = work.cut().memory() == TrainingOptions.Memory.RECOMPUTE ? tracked : 0;
        double seen = config.sights().stream()
                .mapToDouble(sight -> seen(work.cut().rowTokens(), sight.window()))
                .sum();
        double tables = 4.0 * seen * shape.queryWidth();
        return new TrainingCost(
                2 * inLayers * (1 + tracked + again + own),
                2 * vocabulary * labelled * (2 + own),
                tables * (1 + 2 * tracked + again),
                6.0 * work.adapterParameters());
    }

    /** Keys that a token of a row sees on average: half the row, or less through a window. */
    private static double seen(long row, int window) {
        double most = (double) Math.min(row, window);
        return most - most * most / (2.0 * row);
    }

    /** Operations per token. */
    public double total() {
        return layers + head + attention + adapter;
    }

    /**
     * Expected time.
     *
     * @param tokens of input
     * @param rate operations per second that the machine reaches in a large product, all workers together
     * @param efficiency share of that rate which training reaches, 0 to 1
     */
    public double seconds(long tokens, double rate, double efficiency) {
        return tokens * total() / (rate * efficiency);
    }
}
