package dev.inlay.adapter.twin;

import dev.inlay.engine.Attention;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Visibility;
import dev.inlay.model.Attending;
import java.util.Set;

/**
 * One layer of {@link Terms}. Scores are those of suffix queries over prefix keys, scaled, before a cap.
 *
 * <p>With a norm of heads the shares are those of normed vectors, and direct is what is left when indirect is taken first.
 */
public final class LayerTerms {
    private static final Set<Share> BASE = Set.of(Share.BASE);

    private final Attending layer;
    private final TwinHeads.Row heads;
    private final int prefix;

    LayerTerms(Attending layer, TwinHeads.Row heads, int prefix) {
        this.layer = layer;
        this.heads = heads;
        this.prefix = Math.min(prefix, heads.length());
    }

    /** From 0. */
    public int layer() {
        return layer.layer();
    }

    /** Tokens before the gate opens. */
    public int prefix() {
        return prefix;
    }

    /** One of the nine terms of a score; they add up to the adapted side's score. @return [heads, suffix, prefix] */
    public Tensor score(Term term) {
        return scores(Set.of(term));
    }

    /** The sum of some terms. @return [heads, suffix, prefix] */
    public Tensor scores(Set<Term> terms) {
        Source source = new Source(terms, BASE);
        return heads.products(source, prefix, suffix(), 0, prefix)
                .times(layer.scoring().scale());
    }

    /** A share of the prefix's keys, [prefix, kv_heads, head_dim]. */
    public Tensor keys(Share share) {
        return heads.keys(Set.of(share), 0, prefix);
    }

    /** A share of the prefix's values, [prefix, kv_heads, head_dim]. */
    public Tensor values(Share share) {
        return heads.values(Set.of(share), 0, prefix);
    }

    /** A share of the suffix's queries, [suffix, heads, head_dim]. */
    public Tensor queries(Share share) {
        return heads.queries(Set.of(share), prefix, suffix());
    }

    /**
     * Why the mixed values of the suffix change: {@code o' - o = sum Dp v + sum p dv + sum Dp dv} over all keys, with
     * weights p of the base and p + Dp of the adapted side.
     *
     * @param routing other weights, [suffix, heads, head_dim]
     * @param content other values
     * @param cross both at once
     */
    public record Outputs(Tensor routing, Tensor content, Tensor cross) {}

    /** What the change of the suffix's mixed values is made of. */
    public Outputs outputs() {
        int length = heads.length();
        Tensor before = weights(BASE);
        Tensor change = weights(Share.ADAPTED).minus(before);
        Tensor base = heads.values(BASE, 0, length);
        Tensor added = heads.values(Share.ADAPTED, 0, length).minus(base);
        return new Outputs(Attention.mix(change, base), Attention.mix(before, added), Attention.mix(change, added));
    }

    /** Values of the suffix as one side's queries, keys and values mix them, [suffix, heads, head_dim]. */
    public Tensor mixed(Set<Share> side) {
        return Attention.mix(weights(side), heads.values(side, 0, heads.length()));
    }

    /** [heads, suffix, length] */
    private Tensor weights(Set<Share> side) {
        int length = heads.length();
        Tensor q = heads.queries(side, prefix, suffix());
        Tensor scores = Attention.scored(Attention.products(q, heads.keys(side, 0, length)), layer.scoring());
        return scores.plus(Visibility.causalMask(
                        prefix, length, 0, length, layer.window(), scores.dtype(), scores.device()))
                .softmax();
    }

    private int suffix() {
        return heads.length() - prefix;
    }
}
