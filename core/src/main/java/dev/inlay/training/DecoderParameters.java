package dev.inlay.training;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All weights of a decoder as what is trained, in the names and shapes of its checkpoint: first the matrices, then the
 * vectors (norms and biases).
 *
 * <p>Weight decay acts on matrices alone, the embedding among them, as in nanoGPT and in transformers' trainer: it keeps
 * products small, and a norm or bias is in none. A tied head is the embedding, and its gradients add.
 *
 * <p>The values are float32. Where another element type is computed with, the matrices are rounded to it once a step, and
 * each vector where it is used: the norms of some families stay wide.
 */
public final class DecoderParameters implements Trainable {
    private final Scope owner = Scope.detached();
    private final DType computed;
    private final Map<String, Tensor> weights = new LinkedHashMap<>();
    private final Tensor values;
    private final long matrices;

    private DecoderParameters(Map<String, Tensor> start, DType computed) {
        this.computed = computed;
        try (Scope scope = Scope.open()) {
            long count = start.values().stream().mapToLong(Tensor::count).sum();
            this.values = owner.own(Tensor.empty(DType.FLOAT32, Device.CPU, count));
            this.matrices = add(start, 0, true);
            add(start, matrices, false);
        }
    }

    /**
     * Copies weights.
     *
     * @param start by their names in the checkpoint
     * @param computed the element type to compute with
     */
    public static DecoderParameters of(Map<String, Tensor> start, DType computed) {
        return new DecoderParameters(start, computed);
    }

    /** Takes in the matrices or the others. @return where they end in the vector */
    private long add(Map<String, Tensor> start, long offset, boolean matrix) {
        long end = offset;
        for (Map.Entry<String, Tensor> weight : start.entrySet()) {
            Tensor tensor = weight.getValue();
            if ((tensor.rank() == 2) == matrix) {
                Tensor view = owner.own(values.narrow(0, end, tensor.count()).reshape(tensor.shape()));
                weights.put(weight.getKey(), view.copyFrom(tensor));
                end += tensor.count();
            }
        }
        return end;
    }

    /** The weights as they stand, by their names in the checkpoint, in the order of the vector. */
    public Map<String, Tensor> weights() {
        return new LinkedHashMap<>(weights);
    }

    @Override
    public Tensor values() {
        return values;
    }

    @Override
    public void check(TrainingOptions options) {
        InlayException.require(
                options.dropout() == 0,
                "dropout is %s, and all weights of a model are trained without; set it to 0",
                options.dropout());
    }

    @Override
    public List<Slice> slices(TrainingOptions options) {
        return List.of(new Slice(matrices, 1, 1), new Slice(count() - matrices, 1, 0));
    }

    @Override
    public List<Tensor> tensors(Device device) {
        Tensor rounded = values.narrow(0, 0, matrices).to(computed).to(device);
        Tensor exact = values.narrow(0, matrices, count() - matrices).to(device);
        List<Tensor> tensors = new ArrayList<>();
        long start = 0;
        for (Tensor weight : weights.values()) {
            boolean matrix = start < matrices;
            Tensor part = (matrix ? rounded : exact).narrow(0, matrix ? start : start - matrices, weight.count());
            tensors.add(part.reshape(weight.shape()));
            start += weight.count();
        }
        return tensors;
    }

    @Override
    public Model with(Decoder decoder, List<Tensor> tensors) {
        Map<String, Tensor> named = new LinkedHashMap<>();
        for (String name : weights.keySet()) {
            named.put(name, tensors.get(named.size()));
        }
        return new Model(decoder.with(named), List.of(), false);
    }

    /** A weight may well be out of a first step's reach: the embedding of a token that it does not read. */
    @Override
    public List<String> unmoved() {
        return List.of();
    }

    @Override
    public void close() {
        owner.close();
    }
}
