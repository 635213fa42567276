package dev.inlay.model;

import dev.inlay.InlayException;

/**
 * The mathematics of a decoder: what a family file makes of a {@code config.json}.
 *
 * @param family name of the family, the {@code model_type}
 * @param vocabulary rows of the embedding
 * @param width of the residual stream
 * @param layers number of blocks
 * @param feedForward width inside the feed-forward layer
 * @param contextLength most positions of a row
 * @param attention shape of attention
 * @param norm which norm, with its epsilon
 * @param positions how positions enter
 * @param activation function of the feed-forward layer
 * @param gated whether feed-forward has a gate: {@code down(f(gate x) * up x)} instead of {@code down(f(up x))}
 * @param tiedHead whether the unembedding is the embedding
 */
public record DecoderConfig(
        String family,
        int vocabulary,
        int width,
        int layers,
        int feedForward,
        int contextLength,
        AttentionShape attention,
        Norm norm,
        Positions positions,
        Nonlinearity activation,
        boolean gated,
        boolean tiedHead) {

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

        /** Scale of the scores, 1 / sqrt(head_dim). */
        public double scale() {
            return 1 / Math.sqrt(headDim);
        }
    }

    /** Which norm; epsilon > 0 is added to the mean square. */
    public record Norm(Kind kind, double epsilon) {
        /** Norms that families use. */
        public enum Kind {
            ROOT_MEAN_SQUARE,
            LAYER
        }

        public Norm {
            if (!(epsilon > 0) || Double.isInfinite(epsilon)) {
                throw InlayException.data("the norm's epsilon must be positive and finite, was %s", epsilon);
            }
        }
    }

    /** How positions enter: learned vectors added to the embedding, or rotation of queries and keys. */
    public sealed interface Positions permits Learned, Rotary {}

    /** Learned vectors, one per position. */
    public record Learned() implements Positions {}

    /** Rotation of queries and keys by these frequencies. */
    public record Rotary(RotaryFrequencies frequencies) implements Positions {}

    /** Element-wise functions of feed-forward layers. */
    public enum Nonlinearity {
        SILU,
        GELU,
        GELU_TANH,
        RELU
    }

    /** Parameters of all weights with this shape, biases not counted. */
    public long parameters() {
        long attentionWidth = (long) attention.heads() * attention.headDim();
        long keyValueWidth = (long) attention.keyValueHeads() * attention.headDim();
        long perLayer = width * (2 * attentionWidth + 2 * keyValueWidth) + (gated ? 3L : 2L) * width * feedForward;
        return layers * perLayer + (tiedHead ? 1L : 2L) * vocabulary * width;
    }
}
