package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.engine.Attention.Scoring;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The mathematics of a decoder: what a family file makes of a {@code config.json}.
 *
 * @param family name of the family, the {@code model_type}
 * @param vocabulary rows of the embedding
 * @param width of the residual stream
 * @param feedForward width inside the feed-forward layer
 * @param contextLength most positions of a row
 * @param attention shape of attention
 * @param scoring how a score is made of a query and a key
 * @param sights one per layer: how its tokens see each other
 * @param norm which norm, where
 * @param learnedPositions whether a learned vector per position is added to the embedding
 * @param activation function of the feed-forward layer
 * @param gated whether feed-forward has a gate: {@code down(f(gate x) * up x)} instead of {@code down(f(up x))}
 * @param parallel whether feed-forward reads what attention reads, {@code x + attention(x) + feed_forward(x)}, instead of
 *     what it leaves
 * @param multipliers fixed numbers between the parts
 * @param logitCap soft cap of the logits, infinite where there is none
 * @param tiedHead whether the unembedding is the embedding
 */
public record DecoderConfig(
        String family,
        int vocabulary,
        int width,
        int feedForward,
        int contextLength,
        AttentionShape attention,
        Scoring scoring,
        List<Sight> sights,
        Norm norm,
        boolean learnedPositions,
        Nonlinearity activation,
        boolean gated,
        boolean parallel,
        Multipliers multipliers,
        double logitCap,
        boolean tiedHead) {

    public DecoderConfig {
        sights = List.copyOf(sights);
    }

    /** Number of blocks. */
    public int layers() {
        return sights.size();
    }

    /**
     * @param heads query heads
     * @param keyValueHeads divides {@code heads}
     * @param headDim width of a head
     */
    public record AttentionShape(int heads, int keyValueHeads, int headDim) {
        public AttentionShape {
            if (heads % keyValueHeads != 0) {
                throw InlayException.data(
                        "%d query heads cannot share %d key-value heads; the first must be a multiple of the second",
                        heads, keyValueHeads);
            }
        }

        /** Width of all queries of a token. */
        public int queryWidth() {
            return heads * headDim;
        }

        /** Width of all keys of a token, and of all values. */
        public int keyValueWidth() {
            return keyValueHeads * headDim;
        }
    }

    /**
     * How the tokens of a layer see each other.
     *
     * @param window how many positions back a token sees, itself included; {@link #ALL} for all
     * @param rotary rotation of queries and keys, or null for none
     */
    public record Sight(int window, @Nullable RotaryFrequencies rotary) {
        /** The window of a layer without one. */
        public static final int ALL = Integer.MAX_VALUE;
    }

    /** What of a layer can go through a norm. */
    public enum Normed {
        /** What attention reads. */
        ATTENTION_INPUT,
        /** Queries: each head by itself, or all of a token together. */
        QUERY,
        /** Keys, likewise. */
        KEY,
        /** What attention adds to the residual stream. */
        ATTENTION_OUTPUT,
        /** What feed-forward reads. */
        FEED_FORWARD_INPUT,
        /** What feed-forward adds to the residual stream. */
        FEED_FORWARD_OUTPUT
    }

    /**
     * Which norm, where. The one before the head is always there.
     *
     * @param kind the formula
     * @param epsilon added to the mean square, positive
     * @param widths what of a layer is normed, and over how many elements at a time
     */
    public record Norm(Kind kind, double epsilon, Map<Normed, Integer> widths) {
        /** Norms that families use. */
        public enum Kind {
            /** Rounded to the model's element type before the weight is multiplied. */
            ROOT_MEAN_SQUARE(false, 0),
            /** Rounded once, after the weight is multiplied. */
            ROOT_MEAN_SQUARE_WIDE(true, 0),
            /** As the wide one; the checkpoint holds the weight less one. */
            ROOT_MEAN_SQUARE_ABOUT_ONE(true, 1),
            LAYER(false, 0);

            private final boolean wide;
            private final double offset;

            Kind(boolean wide, double offset) {
                this.wide = wide;
                this.offset = offset;
            }

            /** Whether the weight is kept in float32 beside weights of a half type. */
            boolean isWide() {
                return wide;
            }

            /** What is added to the stored weight. */
            double offset() {
                return offset;
            }
        }

        public Norm {
            widths = Map.copyOf(widths);
            if (!(epsilon > 0) || Double.isInfinite(epsilon)) {
                throw InlayException.data("the norm's epsilon must be positive and finite, was %s", epsilon);
            }
        }

        /** Elements that are normed at a time. */
        public int width(Normed normed) {
            Integer width = widths.get(normed);
            if (width == null) {
                throw new IllegalArgumentException("this family has no norm of " + normed);
            }
            return width;
        }
    }

    /**
     * Fixed numbers between the parts, 1 where there is none.
     *
     * @param embedding of the embedding's rows, rounded to the element type first
     * @param residual of what attention and feed-forward add to the residual stream
     * @param logits of the logits
     */
    public record Multipliers(double embedding, double residual, double logits) {
        static final Multipliers NONE = new Multipliers(1, 1, 1);
    }

    /** Element-wise functions of feed-forward layers. */
    public enum Nonlinearity {
        SILU,
        GELU,
        GELU_TANH,
        RELU
    }

    /** Parameters of all weight matrices with this shape; biases, norms and learned positions not counted. */
    public long parameters() {
        long perLayer = 2L * width * (attention.queryWidth() + attention.keyValueWidth())
                + (gated ? 3L : 2L) * width * feedForward;
        return layers() * perLayer + (tiedHead ? 1L : 2L) * vocabulary * width;
    }

    /**
     * Whether the keys of a row's first tokens, read by themselves, are those of the whole row. They are not where longrope
     * takes other frequencies for the longer row.
     */
    public boolean canSplit(int first, int whole) {
        return sights.stream()
                .map(Sight::rotary)
                .filter(Objects::nonNull)
                .allMatch(rotary -> rotary.forLength(first) == rotary.forLength(whole));
    }
}
