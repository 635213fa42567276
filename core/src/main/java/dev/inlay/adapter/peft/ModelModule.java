package dev.inlay.adapter.peft;

import dev.inlay.model.LinearSite;
import dev.inlay.model.Site;

/**
 * A module of the base model as its family's reference implementation names it.
 *
 * @param path full dotted path, for example {@code model.layers.0.self_attn.q_proj}
 * @param kind what it is
 * @param head whether it is the output head
 * @param in width of its input, the vocabulary of an embedding; 0 for others
 * @param out width of its output; 0 for others
 */
public record ModelModule(String path, Kind kind, boolean head, long in, long out) {

    /** What a module is; linear maps and embeddings take a low-rank change. */
    public enum Kind {
        /** Stores its weight [out, in]. */
        LINEAR,
        /** A linear map that stores its weight [in, out], as GPT-2 does. */
        CONV1D,
        /** A table of vectors. */
        EMBEDDING,
        /** Contains other modules. */
        BLOCK,
        /** Norms, activations and the like. */
        OTHER;

        boolean linear() {
            return this == LINEAR || this == CONV1D;
        }

        boolean adaptable() {
            return linear() || this == EMBEDDING;
        }
    }

    static ModelModule of(LinearSite linear) {
        return new ModelModule(linear.path(), kind(linear), linear.site().equals(Site.HEAD), linear.in(), linear.out());
    }

    private static Kind kind(LinearSite linear) {
        if (linear.site().equals(Site.EMBEDDING)) {
            return Kind.EMBEDDING;
        }
        return linear.storedTransposed() ? Kind.CONV1D : Kind.LINEAR;
    }

    static ModelModule block(String path) {
        return new ModelModule(path, Kind.BLOCK, false, 0, 0);
    }

    String leaf() {
        return path.substring(path.lastIndexOf('.') + 1);
    }
}
