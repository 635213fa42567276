package dev.inlay.engine;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Normalisation of each row, with statistics in float32 or wider. */
public final class Norms {
    private Norms() {}

    /**
     * Root-mean-square norm: {@code x / sqrt(mean(x^2) + epsilon) * weight} (Zhang and Sennrich 2019, equation 4).
     *
     * @param x [tokens, width]
     * @param weight [width]; where it is wider than x, the product is rounded once, at the end, and not before it
     */
    public static Tensor rms(Tensor x, Tensor weight, double epsilon) {
        if (x.size(0) == 1
                && !x.isTracked()
                && !weight.isTracked()
                && x.device().kind() == Device.Kind.CPU) {
            return rmsOfOne(x, weight, epsilon);
        }
        long width = x.size(-1);
        Tensor inverse = inverseRms(x, epsilon);
        Tensor y = weight.dtype() == x.dtype()
                ? scaled(x, inverse).multiply(weight)
                : x.detached().times(inverse).multiply(weight).to(x.dtype());
        return y.from(
                g -> {
                    if (weight.isTracked()) {
                        weight.give(
                                g.times(scaled(x, inverse))
                                        .sum(0)
                                        .reshape(width)
                                        .to(weight.dtype()),
                                true);
                    }
                    if (x.isTracked()) {
                        Tensor h = g.times(weight.detached()).to(x.dtype());
                        x.give(rmsBackward(x.detached(), inverse, h), true);
                    }
                },
                List.of(x, weight, inverse),
                x,
                weight);
    }

    /** The norm of a single row, whose statistics are one number: half the native calls, which is what decoding pays. */
    private static Tensor rmsOfOne(Tensor x, Tensor weight, double epsilon) {
        double norm = wide(x).norm();
        return x.times(1 / Math.sqrt(norm * norm / x.size(-1) + epsilon)).multiply(weight);
    }

    /** 1 / sqrt(mean(x^2) + epsilon), [tokens, 1], wide. */
    private static Tensor inverseRms(Tensor x, double epsilon) {
        double width = x.size(-1);
        DType wide = x.dtype().isHalf() ? DType.FLOAT32 : x.dtype();
        return Tensor.make(() -> {
            try (Scalar two = new Scalar(2);
                    ScalarTypeOptional type = new ScalarTypeOptional(wide.scalar());
                    Scalar share = new Scalar(1 / width);
                    Scalar floor = new Scalar(epsilon);
                    org.bytedeco.pytorch.Tensor norm =
                            torch.linalg_vector_norm(x.live(), two, new long[] {-1}, true, type)) {
                norm.mul_(norm);
                norm.mul_(share);
                norm.add_(floor);
                return norm.rsqrt();
            }
        });
    }

    /** x times one number per row, rounded once to x's type. */
    private static Tensor scaled(Tensor x, Tensor perRow) {
        return x.detached().times(perRow).to(x.dtype());
    }

    /** With r the inverse and h = g * weight: dx = r h - x r^3 mean(h x). */
    private static Tensor rmsBackward(Tensor x, Tensor inverse, Tensor h) {
        Tensor mean = h.times(x).sum(-1).multiply(1.0 / x.size(-1));
        Tensor share =
                mean.multiply(inverse).multiply(inverse).multiply(inverse).multiply(-1);
        Tensor dx = h.multiply(inverse.to(h.dtype()));
        Native.call(() -> dx.live().addcmul_(x.live(), share.to(x.dtype()).live()));
        return dx;
    }

    /**
     * Layer norm: {@code (x - mean) / sqrt(variance + epsilon) * weight + bias} (Ba et al. 2016).
     *
     * @param x [tokens, width]
     * @param weight [width]
     * @param bias [width] or null
     */
    public static Tensor layer(Tensor x, Tensor weight, @Nullable Tensor bias, double epsilon) {
        long width = x.size(-1);
        Tensor wideX = wide(x.detached());
        Tensor mean = wideX.sum(-1).multiply(1.0 / width);
        Tensor centred = wideX.minus(mean);
        Tensor inverse = inverseRms(centred, epsilon);
        Tensor normal = centred.multiply(inverse).to(x.dtype());
        Tensor y = normal.times(weight.detached());
        if (bias != null) {
            y.add(bias);
        }
        return y.from(
                g -> layerBackward(x, weight, bias, normal, inverse, g),
                List.of(weight, normal, inverse),
                x,
                weight,
                bias);
    }

    private static void layerBackward(
            Tensor x, Tensor weight, @Nullable Tensor bias, Tensor normal, Tensor inverse, Tensor g) {
        long width = normal.size(-1);
        if (weight.isTracked()) {
            weight.give(g.times(normal).sum(0).reshape(width).to(weight.dtype()), true);
        }
        if (bias != null && bias.isTracked()) {
            bias.give(g.sum(0).reshape(width).to(bias.dtype()), true);
        }
        if (x.isTracked()) {
            Tensor h = wide(g.times(weight.detached()));
            Tensor n = wide(normal);
            Tensor alongOne = h.sum(-1).multiply(-1.0 / width);
            Tensor alongX = n.times(h.times(n).sum(-1).multiply(-1.0 / width));
            x.give(h.plus(alongOne).add(alongX).multiply(inverse).to(normal.dtype()), true);
        }
    }

    private static Tensor wide(Tensor x) {
        return x.dtype().isHalf() ? x.to(DType.FLOAT32) : x;
    }
}
