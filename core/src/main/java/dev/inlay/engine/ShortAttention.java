package dev.inlay.engine;

import java.util.List;

/**
 * Attention of one head in many sequences of a few tokens, without a mask: {@code softmax(scale q k') v} in each (Vaswani
 * et al. 2017, equation 1). The sequences are the lanes of plain loops: libtorch's batched products cost a call per
 * sequence, its element-wise ones a table of all products.
 */
public final class ShortAttention {
    private final int width;
    private final int queries;
    private final int keys;
    private final double scale;
    private final Lanes q;
    private final Lanes k;
    private final Lanes v;
    private final Lanes weights;

    private ShortAttention(Tensor q, Tensor k, Tensor v, double scale) {
        this.width = (int) q.size(0);
        this.queries = (int) q.size(1);
        this.keys = (int) k.size(1);
        this.scale = scale;
        this.q = Lanes.of(q);
        this.k = Lanes.of(k);
        this.v = Lanes.of(v);
        this.weights = this.q.zeros(queries * keys);
    }

    /**
     * @param q [width, queries, sequences], float32 or float64
     * @param k [width, keys, sequences] of the same type
     * @param v [width, keys, sequences] of the same type
     * @param scale of the scores, 1 / sqrt(width) as a rule
     * @return [width, queries, sequences]
     */
    public static Tensor apply(Tensor q, Tensor k, Tensor v, double scale) {
        if (q.dtype() != k.dtype() || q.dtype() != v.dtype() || q.dtype().isHalf()) {
            throw new EngineException("short attention needs one of float32 and float64, found " + q.dtype() + ", "
                    + k.dtype() + " and " + v.dtype());
        }
        ShortAttention attention = new ShortAttention(q, k, v, scale);
        long sequences = q.size(2);
        Tensor mix = attention.mix().tensor(attention.width, attention.queries, sequences);
        return mix.from(
                g -> {
                    Lanes gradient = Lanes.of(g);
                    Lanes scores = attention.gradientOfScores(gradient);
                    q.give(attention.gradientOfQueries(scores).tensor(q.shape()), true);
                    k.give(attention.gradientOfKeys(scores).tensor(k.shape()), true);
                    v.give(attention.gradientOfValues(gradient).tensor(v.shape()), true);
                },
                List.of(),
                q,
                k,
                v);
    }

    private Lanes mix() {
        for (int a = 0; a < width; a++) {
            for (int i = 0; i < queries; i++) {
                for (int j = 0; j < keys; j++) {
                    weights.addProduct(i * keys + j, scale, q, a * queries + i, k, a * keys + j);
                }
            }
        }
        for (int i = 0; i < queries; i++) {
            weights.softmax(i * keys, keys);
        }
        Lanes mix = q.zeros(width * queries);
        for (int a = 0; a < width; a++) {
            for (int i = 0; i < queries; i++) {
                for (int j = 0; j < keys; j++) {
                    mix.addProduct(a * queries + i, 1, weights, i * keys + j, v, a * keys + j);
                }
            }
        }
        return mix;
    }

    /** Of the scores before their scale: P (dP - sum_j P dP), times the scale. */
    private Lanes gradientOfScores(Lanes gradient) {
        Lanes ofWeights = weights.zeros(queries * keys);
        for (int a = 0; a < width; a++) {
            for (int i = 0; i < queries; i++) {
                for (int j = 0; j < keys; j++) {
                    ofWeights.addProduct(i * keys + j, 1, gradient, a * queries + i, v, a * keys + j);
                }
            }
        }
        Lanes means = weights.zeros(queries);
        Lanes scores = weights.zeros(queries * keys);
        for (int i = 0; i < queries; i++) {
            for (int j = 0; j < keys; j++) {
                means.addProduct(i, 1, weights, i * keys + j, ofWeights, i * keys + j);
            }
            for (int j = 0; j < keys; j++) {
                scores.addProduct(i * keys + j, scale, weights, i * keys + j, ofWeights, i * keys + j);
                scores.addProduct(i * keys + j, -scale, weights, i * keys + j, means, i);
            }
        }
        return scores;
    }

    private Lanes gradientOfQueries(Lanes scores) {
        Lanes gradient = q.zeros(width * queries);
        for (int a = 0; a < width; a++) {
            for (int i = 0; i < queries; i++) {
                for (int j = 0; j < keys; j++) {
                    gradient.addProduct(a * queries + i, 1, scores, i * keys + j, k, a * keys + j);
                }
            }
        }
        return gradient;
    }

    private Lanes gradientOfKeys(Lanes scores) {
        Lanes gradient = k.zeros(width * keys);
        for (int a = 0; a < width; a++) {
            for (int i = 0; i < queries; i++) {
                for (int j = 0; j < keys; j++) {
                    gradient.addProduct(a * keys + j, 1, scores, i * keys + j, q, a * queries + i);
                }
            }
        }
        return gradient;
    }

    private Lanes gradientOfValues(Lanes gradientOfMix) {
        Lanes gradient = v.zeros(width * keys);
        for (int a = 0; a < width; a++) {
            for (int i = 0; i < queries; i++) {
                for (int j = 0; j < keys; j++) {
                    gradient.addProduct(a * keys + j, 1, weights, i * keys + j, gradientOfMix, a * queries + i);
                }
            }
        }
        return gradient;
    }
}
