package dev.inlay.model;

import dev.inlay.InlayException;

/**
 * One linear map of a decoder.
 *
 * @param layer from 0; -1 for the head, which is in no layer
 * @param projection which map of the layer
 */
public record Site(int layer, Projection projection) implements Comparable<Site> {
    /** The unembedding. */
    public static final Site HEAD = new Site(-1, Projection.HEAD);

    public Site {
        InlayException.require(
                (layer == -1) == (projection == Projection.HEAD) && layer >= -1,
                "%s is not in layer %d; layers count from 0 and only the head is in layer -1",
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
        return layer < 0 ? Integer.MAX_VALUE : layer;
    }

    @Override
    public String toString() {
        return layer < 0 ? "head" : "layer " + layer + " " + projection;
    }
}
