package dev.inlay.adapter.merge;

import static dev.inlay.InlayException.require;

import java.util.Map;

/**
 * How to merge.
 *
 * @param head what to do with an adapter on a tied head
 * @param precision element type of the result
 * @param largestDivergence of the merged model's predictions from those of base and adapter, in nats per token; above it
 *     the merge is refused. See {@link Drift}
 * @param metadata goes into the weight files beside what {@link Merge} says there, for example {@code inlay.version}
 */
public record MergeOptions(TiedHead head, Precision precision, double largestDivergence, Map<String, String> metadata) {
    /** Refuses tied heads, keeps the types, and allows what rounding to bfloat16 can do, by far not a wrong merge. */
    public static final MergeOptions DEFAULT = new MergeOptions(TiedHead.REFUSE, Precision.AS_BASE, 0.01, Map.of());

    public MergeOptions {
        require(largestDivergence > 0, "the largest divergence must be positive, was %s", largestDivergence);
        metadata = Map.copyOf(metadata);
    }

    public MergeOptions with(TiedHead policy) {
        return new MergeOptions(policy, precision, largestDivergence, metadata);
    }

    public MergeOptions with(Precision type) {
        return new MergeOptions(head, type, largestDivergence, metadata);
    }

    public MergeOptions withLargestDivergence(double nats) {
        return new MergeOptions(head, precision, nats, metadata);
    }

    public MergeOptions withMetadata(Map<String, String> texts) {
        return new MergeOptions(head, precision, largestDivergence, texts);
    }
}
