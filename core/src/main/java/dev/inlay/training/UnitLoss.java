package dev.inlay.training;

import dev.inlay.engine.CrossEntropy;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Pass;
import dev.inlay.model.Rows;
import dev.inlay.training.data.Unit;
import java.util.Arrays;

/**
 * The loss of a unit: the unembedding runs only at positions that carry loss, and in chunks, so that no table of all
 * positions by the whole vocabulary ever exists.
 */
final class UnitLoss {
    /** Elements of logits held at once; with float32 copies a few times 16 MiB. */
    static final long CHUNK = 1L << 22;

    private final Decoder decoder;

    UnitLoss(Decoder decoder) {
        this.decoder = decoder;
    }

    static Rows rows(Unit unit) {
        return Rows.reading(unit.rows());
    }

    /** The row of a position in the unit's stream. */
    static int rowOf(Unit unit, int position) {
        int end = 0;
        for (int row = 0; row < unit.rows().size(); row++) {
            end += unit.rows().get(row).ids().length;
            if (position < end) {
                return row;
            }
        }
        throw new IllegalArgumentException("position " + position + " of a unit of " + unit.tokens() + " tokens");
    }

    /**
     * Loss at each labelled position, in nats; no gradients.
     *
     * @param hidden [tokens, width] of the pass
     */
    double[] perTarget(Tensor hidden, Unit unit, Pass pass) {
        double[] losses = new double[unit.targets()];
        try (Scope scope = Scope.open()) {
            Tensor selected = hidden.detached().rows(Tensor.of(unit.positions()).to(decoder.device()));
            for (int start = 0; start < losses.length; start += chunk()) {
                int length = Math.min(chunk(), losses.length - start);
                System.arraycopy(chunkLoss(selected, start, length, unit, pass, 0), 0, losses, start, length);
            }
        }
        return losses;
    }

    /**
     * As {@link #perTarget}, and runs the gradient of {@code weight * sum of losses} back to the leaves of the pass.
     */
    double[] backward(Tensor hidden, Unit unit, Pass pass, double weight) {
        double[] losses = new double[unit.targets()];
        Tensor selected = hidden.rows(Tensor.of(unit.positions()).to(decoder.device()));
        Tensor cut = selected.isTracked() ? selected.detached().asLeaf() : selected;
        for (int start = 0; start < losses.length; start += chunk()) {
            int length = Math.min(chunk(), losses.length - start);
            System.arraycopy(chunkLoss(cut, start, length, unit, pass, weight), 0, losses, start, length);
        }
        if (selected.isTracked()) {
            Tensor gradient = cut.gradient();
            if (gradient != null) {
                selected.backward(gradient);
            }
        }
        return losses;
    }

    private double[] chunkLoss(Tensor selected, int start, int length, Unit unit, Pass pass, double weight) {
        try (Scope scope = Scope.open()) {
            int[] labels = Arrays.copyOfRange(unit.labels(), start, start + length);
            Pass chunk = pass.at(Arrays.copyOfRange(unit.positions(), start, start + length));
            Tensor logits = decoder.logits(selected.narrow(0, start, length), chunk);
            Tensor loss = CrossEntropy.perRow(logits, Tensor.of(labels).to(decoder.device()));
            double[] values = loss.toDoubles();
            if (weight != 0 && loss.isTracked()) {
                loss.backward(Tensor.full(weight, loss.dtype(), loss.device(), loss.shape()));
            }
            return values;
        }
    }

    private int chunk() {
        return (int) Math.max(1, CHUNK / decoder.config().vocabulary());
    }
}
