package dev.inlay.model;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Rotation;
import dev.inlay.engine.Tensor;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The angles by which rotary embedding turns each pair of dimensions per position (Su et al. 2021), after the scaling
 * that stretches a model to longer contexts.
 *
 * <p>Frequencies and angles are rounded to float32 as the reference implementation does, so that far positions agree too.
 */
public final class RotaryFrequencies {
    private final float[] frequencies;
    private final float magnitude;
    /** Longest row for which these frequencies are meant; longer ones take {@link #beyond}. */
    private final int limit;

    private final @Nullable RotaryFrequencies beyond;

    private RotaryFrequencies(float[] frequencies, double magnitude, int limit, @Nullable RotaryFrequencies beyond) {
        this.frequencies = frequencies;
        this.magnitude = (float) magnitude;
        this.limit = limit;
        this.beyond = beyond;
    }

    /**
     * Unscaled: {@code theta^(-2i / rotated)} for pair i.
     *
     * @param rotated dimensions of a head that turn, even
     * @param theta base, positive and finite
     */
    public static RotaryFrequencies of(int rotated, double theta) {
        if (rotated < 2 || rotated % 2 != 0) {
            throw InlayException.data("rotary positions need an even width, was %d", rotated);
        }
        if (!(theta > 0) || Double.isInfinite(theta)) {
            throw InlayException.data("rope_theta must be positive and finite, was %s", theta);
        }
        float[] result = new float[rotated / 2];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) Math.pow(theta, -2.0 * i / rotated);
        }
        return new RotaryFrequencies(result, 1, Integer.MAX_VALUE, null);
    }

    /** Linear scaling: every frequency divided by the factor (Chen et al. 2023, "position interpolation"). */
    public RotaryFrequencies linear(double factor) {
        return each(i -> frequencies[i] / factor, magnitude);
    }

    /**
     * Scaling of Llama 3.1: wave lengths above {@code original / low} are stretched by the factor, those below {@code
     * original / high} stay, and between them the two are mixed linearly in {@code original / wave length}.
     */
    public RotaryFrequencies llama3(double factor, double low, double high, double original) {
        return each(
                i -> {
                    double wave = 2 * Math.PI / frequencies[i];
                    double stretched = frequencies[i] / factor;
                    if (wave > original / low) {
                        return stretched;
                    }
                    if (wave < original / high) {
                        return frequencies[i];
                    }
                    double share = (original / wave - low) / (high - low);
                    return (1 - share) * stretched + share * frequencies[i];
                },
                magnitude);
    }

    /**
     * Mixes these frequencies with those divided by the factor, by a ramp over the pairs (Peng et al. 2023, "YaRN", section
     * 3.2): pairs up to {@code low} stay, pairs from {@code high} on are stretched.
     *
     * @param magnitude cosine and sine are multiplied by it, which sharpens attention (section 3.3)
     */
    public RotaryFrequencies ramp(double factor, double low, double high, double magnitude) {
        // A ramp of no length is a step, as in the reference implementation.
        double length = high == low ? 0.001 : high - low;
        return each(
                i -> {
                    double share = Math.max(0, Math.min(1, (i - low) / length));
                    return frequencies[i] / factor * share + frequencies[i] * (1 - share);
                },
                magnitude);
    }

    /**
     * Each frequency divided by its own factor, one set of factors for rows of at most {@code original} tokens and another
     * for longer ones (Ding et al. 2024, "LongRoPE"). All positions of a row turn by one set.
     *
     * @param magnitude cosine and sine are multiplied by it
     */
    public RotaryFrequencies longRope(double[] shortFactors, double[] longFactors, int original, double magnitude) {
        RotaryFrequencies longer = each(i -> frequencies[i] / longFactors[i], magnitude);
        float[] shorter = each(i -> frequencies[i] / shortFactors[i], magnitude).frequencies;
        return new RotaryFrequencies(shorter, magnitude, original, longer);
    }

    private RotaryFrequencies each(IntToDoubleFunction scaled, double newMagnitude) {
        float[] result = new float[frequencies.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) scaled.applyAsDouble(i);
        }
        return new RotaryFrequencies(result, newMagnitude, Integer.MAX_VALUE, null);
    }

    /** Number of pairs that turn. */
    public int pairs() {
        return frequencies.length;
    }

    /** Angle per position of a pair, in radians. */
    public float frequency(int pair) {
        return frequencies[pair];
    }

    /** What cosine and sine are multiplied by. */
    public float magnitude() {
        return magnitude;
    }

    /** The frequencies by which a row of this length turns. */
    public RotaryFrequencies forLength(int length) {
        return beyond != null && length > limit ? beyond : this;
    }

    /** Refuses a pass that would mix keys of both sets of frequencies in one row. */
    void check(Pass pass) {
        History history = pass.history();
        for (int row = 0; history != null && row < history.rows(); row++) {
            int end = pass.firstPosition(row) + pass.rows().length(row);
            if (!history.holds(this, row, end)) {
                throw InlayException.data(
                        "row %d goes from %d cached tokens to %d, across the %d at which longrope changes its frequencies;"
                                + " compute the whole row again in an empty cache",
                        row, history.length(row), end, limit);
            }
        }
    }

    /** The rotation of a pass's tokens. */
    Rotation at(Pass pass, DType type, Device device) {
        int half = frequencies.length;
        int[] positions = pass.positions();
        float[] cosine = new float[positions.length * 2 * half];
        float[] sine = new float[cosine.length];
        for (int row = 0; row < pass.rows().count(); row++) {
            int start = pass.rows().start(row);
            int length = pass.rows().length(row);
            RotaryFrequencies used = forLength(Math.max(pass.firstPosition(row) + length, pass.expected(row)));
            for (int t = start; t < start + length; t++) {
                used.turn(positions[t], cosine, sine, t * 2 * half);
            }
        }
        return new Rotation(table(cosine, positions.length, type, device), table(sine, positions.length, type, device));
    }

    private void turn(int position, float[] cosine, float[] sine, int at) {
        int half = frequencies.length;
        for (int i = 0; i < half; i++) {
            double angle = frequencies[i] * (float) position;
            int first = at + i;
            cosine[first] = (float) Math.cos(angle) * magnitude;
            cosine[first + half] = cosine[first];
            sine[first + half] = (float) Math.sin(angle) * magnitude;
            sine[first] = -sine[first + half];
        }
    }

    private Tensor table(float[] values, int tokens, DType type, Device device) {
        return Tensor.of(values, tokens, 1, 2L * frequencies.length).to(type).to(device);
    }
}
