package dev.inlay.model;

import dev.inlay.model.DecoderConfig.Normed;
import java.util.ArrayList;
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
 */
record Blueprint(
        String embedding,
        @Nullable String positions,
        List<Layer> layers,
        NormPlace finalNorm,
        LinearSite head,
        String omitted,
        Predicate<String> ignorable) {

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
