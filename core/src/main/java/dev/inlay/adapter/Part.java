package dev.inlay.adapter;

import dev.inlay.InlayException;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.Site;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * One idea of what an adapter can consist of: low-rank changes ({@link Adapter}, {@link Dora}), biases, maps trained
 * whole, vectors of some tokens. Each knows how it runs, how it is merged and which tensors it has. {@link Parts} puts them
 * together.
 */
public interface Part {
    /**
     * As a pass over this decoder takes it: on its device, and with what depends on its weights computed once.
     *
     * @param own is given each tensor that the intervention holds, to make it live as long: {@code scope::own}, or nothing
     *     done where the innermost scope lives long enough
     */
    Intervention on(Decoder decoder, UnaryOperator<Tensor> own);

    /** What it is, in a few words. */
    String kind();

    /** Which maps it changes; others it leaves alone. */
    Set<Site> sites();

    /** Its tensors, in a fixed order. */
    Map<Slot, Tensor> tensors();

    /** The same with every tensor replaced: copied, made a leaf, moved. */
    Part mapTensors(UnaryOperator<Tensor> change);

    /** Its low-rank changes, if it is made of such. */
    default Map<Site, LowRank> factors() {
        return Map.of();
    }

    /** What the tensors at a site mean beside their values, a scale for example; one part of the adapter's identity. */
    default String setting(Site site) {
        return "";
    }

    /** Which tokens it acts on. */
    default Gate gate() {
        return Gate.OPEN;
    }

    /** The same for other tokens; a part that acts on all of them whatever happens stays as it is. */
    default Part with(Gate other) {
        return this;
    }

    /** Refuses a gate where only what acts on every token can be expressed. */
    static void requireOpen(Gate gate) {
        if (!gate.equals(Gate.OPEN)) {
            throw InlayException.adapter(
                    "the adapter's gate (%s) lets it act on some tokens only, and a merged weight acts on all; use it"
                            + " unmerged",
                    gate);
        }
    }

    /** It is an error if this cannot be expressed by weights and biases. */
    default void requireMergeable() {}

    /** How merging changes the weight of a map; empty if it does not. */
    Optional<Edit> weightEdit(Site site);

    /** How merging changes the bias of a map; empty if it does not. */
    default Optional<Edit> biasEdit(Site site) {
        return Optional.empty();
    }

    /** Whether what it does to a weight depends on nobody having changed the map's output before it. */
    default boolean goesFirst() {
        return false;
    }

    /**
     * Whether embedding and head, which are one tensor in some models, are changed into one tensor again: merging need not
     * separate them.
     */
    default boolean keepsTie() {
        return !sites().contains(Site.EMBEDDING) && !sites().contains(Site.HEAD);
    }
}
