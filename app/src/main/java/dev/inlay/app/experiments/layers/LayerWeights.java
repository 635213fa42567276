package dev.inlay.app.experiments.layers;

import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Part;
import dev.inlay.adapter.Spectrum;
import dev.inlay.dynamics.GapCriterion;
import dev.inlay.dynamics.Head;
import dev.inlay.dynamics.Hypothesis;
import dev.inlay.dynamics.Hypothesis.Truth;
import dev.inlay.dynamics.Matrix;
import dev.inlay.dynamics.Ranks;
import dev.inlay.engine.DType;
import dev.inlay.engine.Eigenvalues;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Svd;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the attention weights of one layer are, of one side.
 *
 * @param side {@code base} or {@code adapter}
 * @param rows of each head, the last one of their sum: each measure by name
 * @param spectra of {@code W_V}, of V and A of each head and of their sums
 * @param eigenvalues of V of each head and of their sum, real and imaginary parts in turn; those of a head that are 0
 *     because it has fewer dimensions than the stream are left out
 * @param gap the criterion for the change of the summed V; empty on the base and where the stream is too wide
 */
record LayerWeights(
        int layer,
        String side,
        Map<String, Map<String, Double>> rows,
        Map<String, List<Double>> spectra,
        Map<String, List<Double>> eigenvalues,
        Optional<GapCriterion> gap) {
    /** Name of the sum over heads. */
    static final String SUM = "sum";

    /** Wider streams make the dense decompositions of the sums last hours. */
    private static final int WIDEST = 2048;

    /** And the criterion, which is computed on float64 without a native library. */
    private static final int WIDEST_GAP = 512;

    /**
     * Measures base and, where there are adapters, what they make of it.
     *
     * @param stored element type of the weights in their files
     * @param states [tokens, width] that the layer receives, of the bare model
     */
    static List<LayerWeights> of(Decoder decoder, DType stored, int layer, List<Part> parts, double[] states) {
        try (Scope scope = Scope.open()) {
            AttentionWeights base = AttentionWeights.of(decoder, layer, List.of());
            double epsilon = Math.max(epsilon(stored), epsilon(decoder.dtype()));
            List<LayerWeights> sides = new ArrayList<>();
            sides.add(of(layer, "base", base, epsilon, Optional.empty(), decoder, states));
            if (!parts.isEmpty()) {
                AttentionWeights adapted = AttentionWeights.of(decoder, layer, parts);
                sides.add(of(layer, "adapter", adapted, epsilon, Optional.of(base), decoder, states));
            }
            return sides;
        }
    }

    /**
     * Distance of 1 from the next number, of the weights' type; of half types that of float32. With their own the tolerance
     * of a rank, norm x width x epsilon, would be above the norm at a width of 128, and every rank 0.
     */
    private static double epsilon(DType type) {
        return type == DType.FLOAT64 ? Math.ulp(1.0) : Math.ulp(1.0f);
    }

    private static LayerWeights of(
            int layer,
            String side,
            AttentionWeights weights,
            double epsilon,
            Optional<AttentionWeights> before,
            Decoder decoder,
            double[] states) {
        int heads = weights.shape().heads();
        int width = decoder.config().width();
        Map<String, Map<String, Double>> rows = new LinkedHashMap<>();
        Map<String, List<Double>> spectra = new LinkedHashMap<>();
        Map<String, List<Double>> eigenvalues = new LinkedHashMap<>();
        spectra.put("W_V", singularValues(weights.value()));
        for (int h = 0; h <= heads; h++) {
            boolean sum = h == heads;
            if (sum && width > WIDEST) {
                break;
            }
            int head = h;
            String name = sum ? SUM : String.valueOf(h);
            LowRank value = sum ? weights.values() : weights.value(h);
            LowRank score = sum ? weights.scores() : weights.score(h);
            Spectrum ofValue = value.spectrum();
            Spectrum ofScore = score.spectrum();
            spectra.put("V " + name, ofValue.values());
            spectra.put("A " + name, ofScore.values());
            List<Double> eigen = eigenvalues(value, sum);
            eigenvalues.put(name, eigen);
            Map<String, Double> row = new LinkedHashMap<>();
            put(row, "value", ofValue, width, epsilon);
            row.put("value_spectral_radius", radius(eigen));
            put(row, "score", ofScore, width, epsilon);
            before.ifPresent(base -> {
                change(row, "value", value, sum ? base.values() : base.value(head));
                change(row, "score", score, sum ? base.scores() : base.score(head));
            });
            rows.put(name, row);
        }
        before.ifPresent(base -> {
            List<Double> change = singularValues(weights.value().minus(base.value()));
            spectra.put("change of W_V", change);
        });
        Optional<GapCriterion> gap =
                before.filter(base -> width <= WIDEST_GAP).map(base -> gap(base, weights, decoder, states));
        return new LayerWeights(layer, side, rows, spectra, eigenvalues, gap);
    }

    private static List<Double> singularValues(Tensor matrix) {
        List<Double> values = new ArrayList<>();
        for (double value : Svd.of(matrix.contiguous()).values().toDoubles()) {
            values.add(value);
        }
        return values;
    }

    private static void put(Map<String, Double> row, String what, Spectrum spectrum, int width, double epsilon) {
        double[] singular = spectrum.values().stream().mapToDouble(each -> each).toArray();
        row.put(what + "_norm", spectrum.spectralNorm());
        row.put(what + "_frobenius", spectrum.norm());
        row.put(what + "_rank", (double) Ranks.numerical(singular, width, width, epsilon));
        row.put(what + "_rank_tolerance", spectrum.spectralNorm() * width * epsilon);
        row.put(what + "_rank_99_energy", (double) spectrum.rankFor(0.99));
        row.put(what + "_effective_rank", spectrum.entropyRank());
    }

    private static void change(Map<String, Double> row, String what, LowRank after, LowRank before) {
        Spectrum change = after.minus(before).spectrum();
        row.put(what + "_change_norm", change.spectralNorm());
        row.put(what + "_change_frobenius", change.norm());
        row.put(what + "_change_relative", change.norm() / before.norm());
    }

    /** Of X Y; a thin X and Y have the same ones but zeros in Y X. */
    private static List<Double> eigenvalues(LowRank value, boolean whole) {
        Tensor matrix = whole ? value.dense() : value.down().matmul(value.up()).times(value.scale());
        List<Double> list = new ArrayList<>();
        for (double each : Eigenvalues.of(matrix).toDoubles()) {
            list.add(each);
        }
        return list;
    }

    private static double radius(List<Double> eigenvalues) {
        double largest = 0;
        for (int k = 0; k < eigenvalues.size(); k += 2) {
            largest = Math.max(largest, Math.hypot(eigenvalues.get(k), eigenvalues.get(k + 1)));
        }
        return largest;
    }

    /** The criterion asks for much that no trained model has: what it lacks is said beside the numbers. */
    private static GapCriterion gap(AttentionWeights base, AttentionWeights changed, Decoder decoder, double[] states) {
        Matrix value = dense(base.values());
        Head head = new Head(dense(base.scores()), value);
        GapCriterion criterion =
                GapCriterion.ofSymmetricPart(head, dense(changed.values()).minus(value), states);
        List<Hypothesis> hypotheses = new ArrayList<>(criterion.hypotheses());
        boolean sameScores = changed.query().minus(base.query()).maxAbs() == 0
                && changed.key().minus(base.key()).maxAbs() == 0;
        hypotheses.add(hypothesis("only V changes", sameScores));
        hypotheses.add(hypothesis("one head", base.shape().heads() == 1));
        hypotheses.add(hypothesis("one layer, again and again", decoder.config().layers() == 1));
        hypotheses.add(hypothesis("no feed-forward part", false));
        hypotheses.add(hypothesis("no positions, no mask", false));
        return new GapCriterion(
                criterion.gap(),
                criterion.along(),
                criterion.aside(),
                criterion.rest(),
                criterion.directions(),
                List.copyOf(hypotheses));
    }

    private static Hypothesis hypothesis(String text, boolean holds) {
        return new Hypothesis(text, holds ? Truth.TRUE : Truth.FALSE);
    }

    private static Matrix dense(LowRank change) {
        return Matrix.of(
                Math.toIntExact(change.out()),
                Math.toIntExact(change.in()),
                change.dense().toDoubles());
    }
}
