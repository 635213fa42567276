package dev.inlay.app.experiments.layers;

import dev.inlay.engine.Tensor;
import dev.inlay.model.Activation;
import dev.inlay.model.Intervention;
import dev.inlay.model.Pass;
import dev.inlay.model.Stream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Writes down the residual stream of a pass over one row. In a further pass the first layer receives what the last one left
 * instead of the embeddings: so the stack of layers is run again and again.
 */
final class StateRecorder implements Intervention {
    private final List<double[]> entries = new ArrayList<>();
    private final List<Double> entropies = new ArrayList<>();
    private double[] normed = {};

    @Override
    public Set<Stream> streams() {
        return EnumSet.of(Stream.RESIDUAL, Stream.ATTENTION_WEIGHTS, Stream.RESIDUAL_END, Stream.FINAL_NORM);
    }

    @Override
    public Tensor at(Activation where, Tensor value, Pass pass) {
        switch (where.stream()) {
            case RESIDUAL -> {
                if (where.layer() == 0 && !entries.isEmpty()) {
                    return Tensor.of(entries.get(entries.size() - 1), value.shape())
                            .to(value.dtype())
                            .to(value.device());
                }
                if (where.layer() == 0) {
                    entries.add(value.toDoubles());
                }
            }
            case RESIDUAL_END -> entries.add(value.toDoubles());
            case ATTENTION_WEIGHTS -> entropies.add(entropy(value.toDoubles(), value.size(0) * value.size(1)));
            default -> normed = value.toDoubles();
        }
        return value;
    }

    /** Mean over heads and queries, nats. */
    private static double entropy(double[] weights, long rows) {
        double sum = 0;
        for (double p : weights) {
            sum -= p > 0 ? p * Math.log(p) : 0;
        }
        return sum / rows;
    }

    /** What was written down. */
    HiddenStates states(int width) {
        return new HiddenStates(width, List.copyOf(entries), List.copyOf(entropies), normed);
    }
}
