package dev.inlay.training;

import dev.inlay.engine.DType;
import dev.inlay.model.DecoderConfig;
import dev.inlay.model.DecoderConfig.AttentionShape;
import dev.inlay.model.DecoderConfig.Normed;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Projection;
import dev.inlay.model.Site;
import java.util.Arrays;
import java.util.Map;

/**
 * What one unit's forward and backward pass holds, counted from what {@code Block} makes and what the gradient's rules
 * keep. All counts are elements per token; w, a, k, f are the widths of the residual stream, of queries, of keys, and of
 * the feed-forward layer.
 */
final class ActivationBytes {
    /** Weights of attention over at most this many keys are kept, in blocks of this many queries. */
    private static final long KEPT_KEYS = 512;

    private static final long QUERY_BLOCK = 256;
    private static final long SHORT_ROW = 64;

    private final Workload work;
    private final DecoderConfig config;
    private final long w;
    private final long a;
    private final long k;
    private final long f;

    ActivationBytes(Workload work) {
        this.work = work;
        this.config = work.config();
        AttentionShape shape = config.attention();
        this.w = config.width();
        this.a = shape.queryWidth();
        this.k = shape.keyValueWidth();
        this.f = config.feedForward();
    }

    /** Bytes of one unit at its peak: what is kept of all layers, and what one layer makes in passing. */
    long perUnit() {
        long kept = 0;
        long largestBlock = 0;
        boolean keep = work.cut().memory() == TrainingOptions.Memory.KEEP;
        for (int layer = 0; layer < config.layers(); layer++) {
            boolean tracked = layer >= work.lowestAdapted();
            long block = keptInBlock(layer);
            kept += !tracked ? 0 : keep ? block : w;
            largestBlock = Math.max(largestBlock, passing(layer) + (tracked && !keep ? block : 0));
        }
        // Around the layers: the embedding, the last norm and its input, the selected rows and their gradient.
        long outside = 5 * w + 2L * config.attention().headDim();
        return (kept + largestBlock + outside)
                * work.type().bytes()
                * work.cut().unitTokens();
    }

    /** What the gradient's rules keep of a layer. */
    private long keptInBlock(int layer) {
        long kept = normed() + a + 2 * k + a + attentionWeights(layer) + activated() * f;
        if (work.cut().dropout()) {
            // A mask and a thinned input for each map.
            return kept + adapted(layer, Projection.values(), 2);
        }
        kept += isAdapted(layer, Projection.QUERY, Projection.KEY, Projection.VALUE)
                        || isAdapted(layer, Projection.QUERY_KEY_VALUE, Projection.QUERY_KEY_VALUE_BY_HEAD)
                ? w
                : 0;
        kept += isAdapted(layer, Projection.ATTENTION_OUTPUT) ? a : 0;
        kept += isAdapted(layer, Projection.GATE, Projection.UP, Projection.GATE_UP) ? w : 0;
        kept += isAdapted(layer, Projection.DOWN) ? f : 0;
        return kept;
    }

    /** Inputs of the norms of a layer. */
    private long normed() {
        long elements = 0;
        for (Normed which : config.norm().widths().keySet()) {
            elements += which == Normed.QUERY ? a : which == Normed.KEY ? k : w;
        }
        return elements;
    }

    /** Values that the activation function keeps, in widths of feed-forward: its input, and with a gate both factors. */
    private long activated() {
        if (!config.gated()) {
            return 1;
        }
        return config.activation() == DecoderConfig.Nonlinearity.SILU ? 2 : 3;
    }

    /** Tables that attention keeps, per token, for a row of the longest length. */
    private long attentionWeights(int layer) {
        long row = work.cut().rowTokens();
        boolean fused = work.type() == DType.FLOAT64 || (work.type() == DType.FLOAT32 && row <= SHORT_ROW);
        if (fused) {
            // What the cap, the mask and softmax keep of a whole table; the fused kernel keeps none.
            return Double.isInfinite(config.scoring().softCap())
                    ? 0
                    : 2L * config.attention().heads() * row;
        }
        long window = config.sights().get(layer).window();
        long elements = 0;
        for (long from = 0; from < row; from += QUERY_BLOCK) {
            long to = Math.min(row, from + QUERY_BLOCK);
            long keys = Math.min(to, window - 1 + to - from);
            elements += keys <= KEPT_KEYS ? (to - from) * keys : 0;
        }
        return config.attention().heads() * elements / row;
    }

    /** What a layer makes and frees again, forward or backward, whichever is more. */
    private long passing(int layer) {
        long outputs = 0;
        for (Map.Entry<LinearSite, Integer> entry : work.ranks().entrySet()) {
            outputs += entry.getKey().site().layer() == layer ? entry.getKey().out() : 0;
        }
        long forward = 2 * w + 3 * a + 4 * k + (config.gated() ? 1 : 2) * f + outputs;
        long backward = 3 * w + (config.gated() ? 5 : 3) * f;
        return Math.max(forward, backward);
    }

    private boolean isAdapted(int layer, Projection... projections) {
        return work.isWhole() || adapted(layer, projections, 1) > 0;
    }

    /** Widths of the inputs of the adapted maps among these, times a factor. */
    private long adapted(int layer, Projection[] projections, long factor) {
        long widths = 0;
        for (LinearSite place : work.ranks().keySet()) {
            Site site = place.site();
            if (site.layer() == layer && Arrays.asList(projections).contains(site.projection())) {
                widths += factor * place.in();
            }
        }
        return widths;
    }
}
