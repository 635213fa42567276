package dev.inlay.training;

import dev.inlay.adapter.Parts;
import dev.inlay.adapter.Role;
import dev.inlay.adapter.Slot;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What is trained: all tensors of an adapter as one float32 vector, so that the optimiser is a few operations whatever
 * their number. First all {@code down} factors in the order of their sites, then all other tensors in their order; the
 * adapter's tensors are views of it. Owns its memory: close it.
 */
public final class Parameters implements AutoCloseable {
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

    /** All values, [count]. */
    public Tensor values() {
        return values;
    }

    public long count() {
        return values.count();
    }

    /** The part of a vector shaped like {@link #values} that belongs to the {@code down} factors. */
    public Tensor downs(Tensor vector) {
        return vector.narrow(0, 0, downs);
    }

    /** The part of a vector shaped like {@link #values} that belongs to all other tensors. */
    public Tensor ups(Tensor vector) {
        return vector.narrow(0, downs, count() - downs);
    }

    /**
     * Joins the gradients of an adapter's leaves into one vector.
     *
     * @param leaves an adapter of this shape whose tensors are leaves
     * @return [count]; zero where no gradient flowed
     */
    static Tensor gradient(Parts leaves) {
        return Tensor.concat(0, ordered(leaves).stream().map(Parameters::flat).toList());
    }

    private static Tensor flat(Tensor leaf) {
        Tensor gradient = leaf.gradient();
        return gradient == null
                ? Tensor.zeros(DType.FLOAT32, leaf.device(), leaf.count())
                : gradient.reshape(leaf.count());
    }

    @Override
    public void close() {
        owner.close();
    }
}
