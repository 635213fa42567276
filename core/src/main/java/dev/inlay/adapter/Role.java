package dev.inlay.adapter;

/** What a tensor of an adapter is at its site. W is the map's own weight [out, in], b its bias [out]. */
public enum Role {
    /** [rank, in], into the low rank. */
    DOWN,
    /** [out, rank], out of it. */
    UP,
    /** [out], added behind {@link #UP} and scaled with it. */
    UP_BIAS,
    /** [out], the length of each row of the changed W (DoRA). */
    MAGNITUDE,
    /** W trained whole, in the shape in which models store it. */
    WEIGHT,
    /** b trained. */
    BIAS,
    /** [tokens, width], trained vectors of some tokens. */
    TOKENS,
    /** W as it was in training, repeated beside the adapter. */
    COPY,
    /** [sources, heads], how much more each head heeds each of several sources that it reads. */
    SOURCE_BIAS
}
