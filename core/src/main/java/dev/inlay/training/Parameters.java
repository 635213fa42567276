package dev.inlay.training;

import dev.inlay.InlayException;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.Role;
import dev.inlay.adapter.Slot;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * All tensors of an adapter as what is trained: first all {@code down} factors in the order of their sites, then all other
 * tensors in their order; the adapter's tensors are views of the vector.
 */
public final class Parameters implements Trainable {
    private final Scope owner = Scope.detached();
    private final Tensor values;
    private final Parts parts;
    private final long downs;

    private Parameters(Parts start) {
        try (Scope scope = Scope.open()) {
            List<Tensor> order = ordered(start);
            this.downs = start.tensors().entrySet().stream()
                    .filter(entry -> isDown(entry.getKey()))
                    .mapToLong(entry -> entry.getValue().count())
                    .sum();
            long count = order.stream().mapToLong(Tensor::count).sum();
            this.values = owner.own(Tensor.empty(DType.FLOAT32, Device.CPU, count));
            IdentityHashMap<Tensor, Tensor> views = new IdentityHashMap<>();
            long offset = 0;
            for (Tensor tensor : order) {
                views.put(tensor, view(tensor, offset));
                offset += tensor.count();
            }
            this.parts = start.mapTensors(tensor -> Objects.requireNonNull(views.get(tensor)));
        }
    }

    /** Copies an adapter's tensors. */
    public static Parameters of(Parts start) {
        return new Parameters(start);
    }

    private static boolean isDown(Slot slot) {
        return slot.role() == Role.DOWN;
    }

    private static List<Tensor> ordered(Parts parts) {
        List<Tensor> order = new ArrayList<>();
        Map<Slot, Tensor> tensors = parts.tensors();
        tensors.forEach((slot, tensor) -> {
            if (isDown(slot)) {
                order.add(tensor);
            }
        });
        tensors.forEach((slot, tensor) -> {
            if (!isDown(slot)) {
                order.add(tensor);
            }
        });
        return order;
    }

    private Tensor view(Tensor tensor, long offset) {
        Tensor view = owner.own(values.narrow(0, offset, tensor.count()).reshape(tensor.shape()));
        return view.copyFrom(tensor);
    }

    /** The adapter as it stands; its tensors change with every step. */
    public Parts parts() {
        return parts;
    }

    @Override
    public Tensor values() {
        return values;
    }

    /** What scales a map's own product would have to compute it again on the thinned input, as PEFT does. */
    @Override
    public void check(TrainingOptions options) {
        if (options.dropout() > 0 && parts.plain().isEmpty()) {
            throw InlayException.usage("dropout is %s, and DoRA is trained without; set it to 0", options.dropout());
        }
    }

    /** All but the {@code down} factors have a rate of their own (LoRA+, Hayou et al. 2024). */
    @Override
    public List<Slice> slices(TrainingOptions options) {
        return List.of(new Slice(downs, 1, 1), new Slice(count() - downs, options.upRatio(), 1));
    }

    @Override
    public List<Tensor> tensors(Device device) {
        return ordered(parts).stream().map(tensor -> tensor.to(device)).toList();
    }

    @Override
    public Model with(Decoder decoder, List<Tensor> tensors) {
        IdentityHashMap<Tensor, Tensor> others = new IdentityHashMap<>();
        ordered(parts).forEach(tensor -> others.put(tensor, tensors.get(others.size())));
        Parts replaced = parts.mapTensors(tensor -> Objects.requireNonNull(others.get(tensor)));
        return new Model(decoder, replaced.on(decoder), true);
    }

    /** A factor that the first step did not move never will: nothing reads it, or nothing flows to it. */
    @Override
    public List<String> unmoved() {
        List<String> still = new ArrayList<>();
        try (Scope scope = Scope.open()) {
            parts.factors().forEach((site, factor) -> {
                if (factor.up().maxAbs() == 0) {
                    still.add("the adapter on " + site + " did not move in the first step: no gradient reaches it");
                }
            });
        }
        return still;
    }

    @Override
    public void close() {
        owner.close();
    }
}
