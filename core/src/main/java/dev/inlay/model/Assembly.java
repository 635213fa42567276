package dev.inlay.model;

import dev.inlay.engine.DType;
import dev.inlay.engine.Tensor;
import dev.inlay.model.DecoderConfig.Normed;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a checkpoint's tensors what the decoder computes with: turned where the family stores [in, out], shifted where
 * it stores norms less an offset, the embedding as the head where that is tied. Gradients flow back to the tensors.
 */
final class Assembly {
    private final DecoderConfig config;
    private final Blueprint blueprint;
    private final Source source;

    /** Gives the tensors of a checkpoint by the names of the blueprint. */
    interface Source {
        Tensor tensor(String name);

        /** The weight or bias of a norm, which some families compute with in a wider type. */
        Tensor ofNorm(String name);
    }

    Assembly(DecoderConfig config, Blueprint blueprint, Source source) {
        this.config = config;
        this.blueprint = blueprint;
        this.source = source;
    }

    /** The element type of a decoder's norms. */
    static DType normType(DecoderConfig config, DType type) {
        return config.norm().kind().isWide() && type.isHalf() ? DType.FLOAT32 : type;
    }

    /** What these tensors make, each under its name in the blueprint, in the element type of the embedding. */
    static DecoderWeights of(DecoderConfig config, Blueprint blueprint, Map<String, Tensor> tensors) {
        DType type = find(tensors, blueprint.embedding()).dtype();
        Source source = new Source() {
            @Override
            public Tensor tensor(String name) {
                return find(tensors, name).to(type);
            }

            @Override
            public Tensor ofNorm(String name) {
                return find(tensors, name).to(normType(config, type));
            }
        };
        return new Assembly(config, blueprint, source).weights();
    }

    private static Tensor find(Map<String, Tensor> tensors, String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("there is no tensor " + name);
        }
        return tensor;
    }

    /** Belongs, where it is not the source's, to the innermost scope. */
    DecoderWeights weights() {
        Tensor embedding = source.tensor(blueprint.embedding());
        @Nullable Tensor positions = blueprint.positions() == null ? null : source.tensor(blueprint.positions());
        List<DecoderWeights.Layer> layers = new ArrayList<>();
        for (Blueprint.Layer layer : blueprint.layers()) {
            EnumMap<Projection, DecoderWeights.Affine> linears = new EnumMap<>(Projection.class);
            layer.linears().forEach(site -> linears.put(site.site().projection(), affine(site)));
            EnumMap<Normed, DecoderWeights.NormWeights> norms = new EnumMap<>(Normed.class);
            layer.norms().forEach((normed, place) -> norms.put(normed, norm(place)));
            layers.add(new DecoderWeights.Layer(norms, linears));
        }
        DecoderWeights.Affine head =
                config.tiedHead() ? new DecoderWeights.Affine(embedding, null) : affine(blueprint.head());
        return new DecoderWeights(embedding, positions, List.copyOf(layers), norm(blueprint.finalNorm()), head);
    }

    private DecoderWeights.NormWeights norm(Blueprint.NormPlace norm) {
        double offset = config.norm().kind().offset();
        @Nullable Tensor bias = norm.biased() ? source.ofNorm(norm.bias()) : null;
        Tensor weight = source.ofNorm(norm.weight());
        return new DecoderWeights.NormWeights(
                offset == 0 ? weight : weight.plus(Tensor.full(offset, weight.dtype(), weight.device(), 1)), bias);
    }

    private DecoderWeights.Affine affine(LinearSite site) {
        @Nullable Tensor bias = site.biased() ? source.tensor(site.bias()) : null;
        Tensor weight = source.tensor(site.weight());
        return new DecoderWeights.Affine(site.storedTransposed() ? weight.transposed() : weight, bias);
    }
}
