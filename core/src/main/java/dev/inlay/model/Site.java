package dev.inlay.model;

import dev.inlay.InlayException;
import java.util.Locale;

/**
 * One linear map of a decoder.
 *
 * @param layer from 0; -1 for the embedding and the head, which are in no layer
 * @param projection which map of the layer
 */
public record Site(int layer, Projection projection) implements Comparable<Site> {
    /**
     * The embedding, as a map W [width, vocabulary] of one-hot vectors: what an adapter does to it is what it does to any
     * map. Its input in a pass is not multiplied out: ids [tokens] stand for it.
     */
    public static final Site EMBEDDING = new Site(-1, Projection.EMBEDDING);

    /** The unembedding. */
    public static final Site HEAD = new Site(-1, Projection.HEAD);

    public Site {
        InlayException.require(
                (layer == -1) == (projection == Projection.HEAD || projection == Projection.EMBEDDING) && layer >= -1,
                "%s is not in layer %d; layers count from 0 and only embedding and head are in layer -1",
                projection,
                layer);
    }

    /** In the order of computation. */
    @Override
    public int compareTo(Site other) {
        int byLayer = Integer.compare(depth(), other.depth());
        return byLayer != 0 ? byLayer : projection.compareTo(other.projection);
    }

    private int depth() {
        return projection == Projection.HEAD ? Integer.MAX_VALUE : layer;
    }

    @Override
    public String toString() {
        return layer < 0 ? projection.name().toLowerCase(Locale.ROOT) : "layer " + layer + " " + projection;
    }
}
