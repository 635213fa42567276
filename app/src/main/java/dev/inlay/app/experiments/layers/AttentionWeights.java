package dev.inlay.app.experiments.layers;

import dev.inlay.adapter.Edit;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Part;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.DecoderConfig.AttentionShape;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Projection;
import dev.inlay.model.Site;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The maps of one layer's attention in float64; biases, norms and the rotation of positions are no part of it.
 *
 * @param query [heads x size, width]
 * @param key [kv heads x size, width]
 * @param value [kv heads x size, width]
 * @param output [width, heads x size]
 */
record AttentionWeights(AttentionShape shape, Tensor query, Tensor key, Tensor value, Tensor output) {
    /**
     * Takes them from a decoder, of the innermost scope.
     *
     * @param parts of adapters, whose changes are added; their gates count as open
     */
    static AttentionWeights of(Decoder decoder, int layer, List<Part> parts) {
        AttentionShape shape = decoder.config().attention();
        List<Projection> known = decoder.sites().stream()
                .map(LinearSite::site)
                .filter(site -> site.layer() == layer)
                .map(Site::projection)
                .toList();
        Tensor output = weight(decoder, new Site(layer, Projection.ATTENTION_OUTPUT), parts);
        if (known.contains(Projection.QUERY_KEY_VALUE)) {
            Tensor all = weight(decoder, new Site(layer, Projection.QUERY_KEY_VALUE), parts);
            long query = shape.queryWidth();
            long other = shape.keyValueWidth();
            return new AttentionWeights(
                    shape,
                    all.narrow(0, 0, query),
                    all.narrow(0, query, other),
                    all.narrow(0, query + other, other),
                    output);
        }
        if (known.contains(Projection.QUERY_KEY_VALUE_BY_HEAD)) {
            Tensor all = weight(decoder, new Site(layer, Projection.QUERY_KEY_VALUE_BY_HEAD), parts);
            long size = shape.headDim();
            Tensor byHead = all.reshape(shape.heads(), 3 * size, all.size(1));
            return new AttentionWeights(
                    shape, third(byHead, 0, size), third(byHead, 1, size), third(byHead, 2, size), output);
        }
        return new AttentionWeights(
                shape,
                weight(decoder, new Site(layer, Projection.QUERY), parts),
                weight(decoder, new Site(layer, Projection.KEY), parts),
                weight(decoder, new Site(layer, Projection.VALUE), parts),
                output);
    }

    private static Tensor third(Tensor byHead, long which, long size) {
        return byHead.narrow(1, which * size, size).contiguous().reshape(byHead.size(0) * size, byHead.size(2));
    }

    private static Tensor weight(Decoder decoder, Site site, List<Part> parts) {
        try (Scope scope = Scope.open()) {
            // A copy in any case: edits must not reach the decoder's own memory.
            Tensor weight = decoder.weight(site)
                    .to(Device.CPU)
                    .to(DType.FLOAT64)
                    .contiguous()
                    .copy();
            Edit.Block whole = new Edit.Block(weight, 0, 0);
            for (Part part : parts) {
                part.weightEdit(site).ifPresent(edit -> {
                    if (edit.looks()) {
                        edit.look(whole);
                    }
                    edit.change(whole);
                });
            }
            return scope.keep(weight);
        }
    }

    /** The score form A_h = W_Q,h' W_K,h / sqrt(size) of a head, [width, width]. */
    LowRank score(int head) {
        return new LowRank(part(query, head).transposed(), part(key, group(head)), scale());
    }

    /** The value matrix V_h = W_O,h W_V,h of a head, [width, width]. */
    LowRank value(int head) {
        long size = shape.headDim();
        return new LowRank(output.narrow(1, head * size, size), part(value, group(head)), 1);
    }

    /** The sum of the score forms of all heads. */
    LowRank scores() {
        return new LowRank(query.transposed(), expanded(key), scale());
    }

    /** The sum of the value matrices of all heads. */
    LowRank values() {
        return new LowRank(output, expanded(value), 1);
    }

    private double scale() {
        return 1 / Math.sqrt(shape.headDim());
    }

    /** Number of the keys and values that a head shares with others. */
    private int group(int head) {
        return head / (shape.heads() / shape.keyValueHeads());
    }

    private Tensor part(Tensor all, int number) {
        long size = shape.headDim();
        return all.narrow(0, number * size, size);
    }

    /** Keys or values once for each head, [heads x size, width]. */
    private Tensor expanded(Tensor grouped) {
        List<Tensor> parts = new ArrayList<>();
        IntStream.range(0, shape.heads()).forEach(head -> parts.add(part(grouped, group(head))));
        return Tensor.concat(0, parts);
    }
}
