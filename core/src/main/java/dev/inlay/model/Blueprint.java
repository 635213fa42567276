package dev.inlay.model;

import dev.inlay.model.DecoderConfig.Normed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where a family's weights lie: names in the checkpoint for everything that the decoder computes with.
 *
 * @param embedding name of the embedding tensor [vocabulary, width]
 * @param positions name of the learned positions [context, width], if the family has them
 * @param layers one per block
 * @param finalNorm the norm before the head
 * @param head the unembedding; its tensor is absent where the head is tied
 * @param omitted beginning of all names that this checkpoint leaves out; empty as a rule
 * @param ignorable tensors that carry no weights (mask buffers, stored frequencies) and are left unread
 * @param outputStart deviation with which training from scratch begins the maps that write to the residual stream, over
 *     that of the others
 */
record Blueprint(
        String embedding,
        @Nullable String positions,
        List<Layer> layers,
        NormPlace finalNorm,
        LinearSite head,
        String omitted,
        Predicate<String> ignorable,
        double outputStart) {

    /** The norms that the configuration names, and the linear maps in the order of computation. */
    record Layer(Map<Normed, NormPlace> norms, List<LinearSite> linears) {}

    /** A norm's module path; the weight is {@code path + ".weight"}, the bias, if any, {@code path + ".bias"}. */
    record NormPlace(String path, boolean biased) {
        String weight() {
            return path + ".weight";
        }

        String bias() {
            return path + ".bias";
        }

        List<Weight> weights(long width) {
            Weight weight = new Weight(weight(), new long[] {width}, Part.NORM);
            return biased ? List.of(weight, new Weight(bias(), new long[] {width}, Part.BIAS)) : List.of(weight);
        }
    }

    /** What a tensor is in the decoder, which decides how training from scratch begins. */
    enum Part {
        /** An embedding or a linear map. */
        MATRIX,
        /** The weight of a map that writes to the residual stream. */
        OUTPUT,
        /** Of a linear map or a norm. */
        BIAS,
        /** The weight of a norm. */
        NORM
    }

    /** A tensor of the checkpoint. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    record Weight(String name, long[] shape, Part part) {
        long count() {
            return Arrays.stream(shape).reduce(1, Math::multiplyExact);
        }
    }

    /**
     * All tensors in the order of computation.
     *
     * @param ownHead whether the head is one of them
     */
    List<Weight> weights(DecoderConfig config, boolean ownHead) {
        List<Weight> all = new ArrayList<>();
        all.add(new Weight(embedding, new long[] {config.vocabulary(), config.width()}, Part.MATRIX));
        if (positions != null) {
            all.add(new Weight(positions, new long[] {config.contextLength(), config.width()}, Part.MATRIX));
        }
        for (Layer layer : layers) {
            layer.norms()
                    .forEach((normed, place) ->
                            all.addAll(place.weights(config.norm().width(normed))));
            layer.linears().forEach(site -> all.addAll(weights(site)));
        }
        all.addAll(finalNorm.weights(config.width()));
        if (ownHead) {
            all.addAll(weights(head));
        }
        return all;
    }

    private static List<Weight> weights(LinearSite site) {
        Projection map = site.site().projection();
        Part part = map == Projection.ATTENTION_OUTPUT || map == Projection.DOWN ? Part.OUTPUT : Part.MATRIX;
        Weight weight = new Weight(site.weight(), site.storedShape(), part);
        return site.biased()
                ? List.of(weight, new Weight(site.bias(), new long[] {site.out()}, Part.BIAS))
                : List.of(weight);
    }

    /** The name under which this checkpoint stores a tensor. */
    String stored(String name) {
        return name.startsWith(omitted) ? name.substring(omitted.length()) : name;
    }

    /** The embedding as a map of one-hot vectors: its tensor is that map's weight, transposed. */
    LinearSite embeddingSite(DecoderConfig config) {
        String path = embedding.substring(0, embedding.length() - ".weight".length());
        return new LinearSite(Site.EMBEDDING, path, config.vocabulary(), config.width(), true, false);
    }

    /** All linear maps in the order of computation, the head last. */
    List<LinearSite> linears() {
        List<LinearSite> all = new ArrayList<>();
        layers.forEach(layer -> all.addAll(layer.linears()));
        all.add(head);
        return all;
    }
}
