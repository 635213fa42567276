package dev.inlay.training;

import dev.inlay.engine.Device;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.Reading;
import java.util.List;

/**
 * What a trainer moves: float32 values as one vector, so that the optimiser is a few operations whatever their meaning,
 * and how a decoder computes with them. Owns its memory: close it.
 */
public interface Trainable extends AutoCloseable {
    /**
     * Values that move alike.
     *
     * @param count how many
     * @param rate their learning rate over that of the options
     * @param decay their weight decay over that of the options
     */
    record Slice(long count, double rate, double decay) {}

    /**
     * A decoder, and what acts on it.
     *
     * @param frozen whether the decoder's own weights stay as they are
     */
    record Model(Decoder decoder, List<? extends Intervention> interventions, boolean frozen) {
        /** For each row the first position at which anything acts that is trained. */
        int[] begins(List<Reading> rows) {
            return rows.stream()
                    .mapToInt(row -> frozen
                            ? interventions.stream()
                                    .mapToInt(each -> each.begins(row))
                                    .min()
                                    .orElse(row.ids().length)
                            : 0)
                    .toArray();
        }
    }

    /** All values, [count]; they change with every step. */
    Tensor values();

    /** Number of values. */
    default long count() {
        return values().count();
    }

    /**
     * Refuses what would be ignored or wrong.
     *
     * @throws dev.inlay.InlayException if it cannot be trained with these options
     */
    void check(TrainingOptions options);

    /** How the values move: parts of the vector, one after the other, that cover it. */
    List<Slice> slices(TrainingOptions options);

    /** The values as they stand, in their order, as the tensors to compute with; of the innermost scope or views. */
    List<Tensor> tensors(Device device);

    /** The model that computes with such tensors; the decoder's own weights are read where none of them replaces them. */
    Model with(Decoder decoder, List<Tensor> tensors);

    /** What stands still after the first step and always will, a sentence each. */
    List<String> unmoved();

    @Override
    void close();
}
