package dev.inlay.dynamics;

import java.util.List;
import java.util.stream.IntStream;

/**
 * How far random adapters move the tokens of a deep model (arXiv 2402.15415v2, theorem 4.2): with a change drawn anew in
 * each of L layers of duration T / L the drift depends on eta / sqrt(L), with one change for all layers on eta.
 *
 * @param base head of all layers
 * @param start tokens on the sphere, [n, d]
 * @param duration T
 * @param strengths s_a; their number is the rank
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
public record DepthScaling(Head base, double[] start, double duration, List<Double> strengths) {
    public DepthScaling {
        start = start.clone();
        strengths = List.copyOf(strengths);
    }

    @Override
    public double[] start() {
        return start.clone();
    }

    /**
     * Root mean square over tokens and draws of the distance that the change makes at the end.
     *
     * @param layers L
     * @param size eta
     * @param tied whether all layers have one change, else each its own
     */
    public double drift(int layers, double size, boolean tied, int draws, long seed) {
        double[] reference = end(Weights.tied(base), layers);
        double[] squares = IntStream.range(0, draws)
                .parallel()
                .mapToDouble(draw -> squareOf(reference, layers, size, tied, Mersenne.ofRun(seed, draw)))
                .toArray();
        double sum = 0;
        for (double square : squares) {
            sum += square;
        }
        return Math.sqrt(sum / draws);
    }

    private double squareOf(double[] reference, int layers, double size, boolean tied, Mersenne random) {
        double[] s = strengths.stream().mapToDouble(each -> each).toArray();
        int d = base.dimension();
        Head[] heads = new Head[tied ? 1 : layers];
        for (int k = 0; k < heads.length; k++) {
            heads[k] = Perturbation.ofValue(LowRankChange.random(d, size, s, random))
                    .apply(base);
        }
        Weights weights = tied
                ? Weights.tied(heads[0])
                : Weights.perLayer(duration / layers, k -> List.of(heads[Math.min(k, layers - 1)]));
        double[] moved = end(weights, layers);
        double sum = 0;
        for (int i = 0; i < moved.length; i++) {
            sum += Math.pow(moved[i] - reference[i], 2);
        }
        return sum * d / moved.length;
    }

    private double[] end(Weights weights, int layers) {
        int d = base.dimension();
        Spherical flow = new Spherical(start.length / d, d, weights, Interaction.softmax(1));
        double h = duration / layers;
        return Steps.visit(flow, new Scheme.ProjectedEuler(), flow.start(start), 0, h, layers, (state, t) -> {});
    }
}
