package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Rotation;
import dev.inlay.engine.Tensor;

/**
 * The angles by which rotary embedding turns each pair of dimensions per position (Su et al. 2021), after the scaling
 * that stretches a model to longer contexts.
 *
 * <p>Frequencies and angles are rounded to float32 as the reference implementation does, so that far positions agree too.
 */
public final class RotaryFrequencies {
    private final float[] frequencies;

    private RotaryFrequencies(double[] frequencies) {
        this.frequencies = new float[frequencies.length];
        for (int i = 0; i < frequencies.length; i++) {
            this.frequencies[i] = (float) frequencies[i];
        }
    }

    /**
     * Unscaled: {@code theta^(-2i / headDim)} for pair i.
     *
     * @param headDim even
     * @param theta base, positive and finite
     */
    public static RotaryFrequencies of(int headDim, double theta) {
        if (headDim % 2 != 0) {
            throw InlayException.data("rotary positions need an even head width, was %d", headDim);
        }
        if (!(theta > 0) || Double.isInfinite(theta)) {
            throw InlayException.data("rope_theta must be positive and finite, was %s", theta);
        }
        double[] result = new double[headDim / 2];
        for (int i = 0; i < result.length; i++) {
            result[i] = Math.pow(theta, -2.0 * i / headDim);
        }
        return new RotaryFrequencies(result);
    }

    /** Linear scaling: every frequency divided by the factor (Chen et al. 2023, "position interpolation"). */
    public RotaryFrequencies linear(double factor) {
        double[] scaled = new double[frequencies.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = frequencies[i] / factor;
        }
        return new RotaryFrequencies(scaled);
    }

    /**
     * Scaling of Llama 3.1: wave lengths above {@code original / low} are stretched by the factor, those below {@code
     * original / high} stay, and between them the two are mixed linearly in {@code original / wave length}.
     */
    public RotaryFrequencies llama3(double factor, double low, double high, double original) {
        double[] scaled = new double[frequencies.length];
        for (int i = 0; i < scaled.length; i++) {
            double wave = 2 * Math.PI / frequencies[i];
            double stretched = frequencies[i] / factor;
            if (wave > original / low) {
                scaled[i] = stretched;
            } else if (wave < original / high) {
                scaled[i] = frequencies[i];
            } else {
                double share = (original / wave - low) / (high - low);
                scaled[i] = (1 - share) * stretched + share * frequencies[i];
            }
        }
        return new RotaryFrequencies(scaled);
    }

    /** The rotation of tokens at these positions. */
    Rotation at(int[] positions, DType type, Device device) {
        int half = frequencies.length;
        float[] cosine = new float[positions.length * 2 * half];
        float[] sine = new float[cosine.length];
        for (int t = 0; t < positions.length; t++) {
            for (int i = 0; i < half; i++) {
                double angle = frequencies[i] * (float) positions[t];
                int first = t * 2 * half + i;
                cosine[first] = (float) Math.cos(angle);
                cosine[first + half] = cosine[first];
                sine[first + half] = (float) Math.sin(angle);
                sine[first] = -sine[first + half];
            }
        }
        return new Rotation(table(cosine, positions.length, type, device), table(sine, positions.length, type, device));
    }

    private Tensor table(float[] values, int tokens, DType type, Device device) {
        return Tensor.of(values, tokens, 1, 2L * frequencies.length).to(type).to(device);
    }
}
