package dev.inlay.model;

import dev.inlay.engine.Tensor;
import dev.inlay.model.DecoderConfig.Normed;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A decoder's tensors in the shapes in which it computes. Immutable; owned by the decoder.
 *
 * @param embedding [vocabulary, width]
 * @param positions [context, width] or null
 * @param layers one per block
 * @param finalNorm the norm before the head
 * @param head [vocabulary, width]; the embedding itself where the head is tied
 */
record DecoderWeights(
        Tensor embedding, @Nullable Tensor positions, List<Layer> layers, NormWeights finalNorm, Affine head) {

    /** Every tensor; the embedding twice where the head is tied. */
    List<Tensor> tensors() {
        List<Tensor> all = new ArrayList<>();
        add(all, embedding, positions);
        add(all, finalNorm.weight(), finalNorm.bias());
        add(all, head.weight(), head.bias());
        for (Layer layer : layers) {
            layer.norms().values().forEach(norm -> add(all, norm.weight(), norm.bias()));
            layer.linears().values().forEach(map -> add(all, map.weight(), map.bias()));
        }
        return all;
    }

    private static void add(List<Tensor> all, Tensor first, @Nullable Tensor second) {
        all.add(first);
        if (second != null) {
            all.add(second);
        }
    }

    record Layer(Map<Normed, NormWeights> norms, Map<Projection, Affine> linears) {
        Affine linear(Projection projection) {
            Affine affine = linears.get(projection);
            if (affine == null) {
                throw new IllegalStateException("this family has no " + projection);
            }
            return affine;
        }

        boolean has(Projection projection) {
            return linears.containsKey(projection);
        }
    }

    /** A linear map: weight [out, in] and bias [out]. */
    record Affine(Tensor weight, @Nullable Tensor bias) {}

    /** Weight and bias, each as wide as what is normed at a time. */
    record NormWeights(Tensor weight, @Nullable Tensor bias) {}
}
