package dev.inlay.training;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Site;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is trained: all factors of an adapter as one float32 vector, so that the optimiser is a few operations whatever
 * the number of factors. First all {@code down} factors in the order of their sites, then all {@code up} factors; the
 * adapter's tensors are views of it. Owns its memory: close it.
 */
public final class Parameters implements AutoCloseable {
    private final Scope owner = Scope.detached();
    private final Tensor values;
    private final Adapter adapter;
    private final long downs;

    private Parameters(Adapter start) {
        try (Scope scope = Scope.open()) {
            this.downs = start.factors().values().stream()
                    .mapToLong(f -> f.down().count())
                    .sum();
            this.values = owner.own(Tensor.empty(DType.FLOAT32, Device.CPU, start.parameters()));
            Map<Site, LowRank> factors = new TreeMap<>();
            long down = 0;
            long up = downs;
            for (Map.Entry<Site, LowRank> entry : start.ordered().entrySet()) {
                LowRank factor = entry.getValue();
                factors.put(
                        entry.getKey(), new LowRank(view(factor.up(), up), view(factor.down(), down), factor.scale()));
                down += factor.down().count();
                up += factor.up().count();
            }
            this.adapter = new Adapter(start.targets(), factors, start.gate(), start.modulation());
        }
    }

    /** Copies an adapter's factors. */
    public static Parameters of(Adapter start) {
        return new Parameters(start);
    }

    private Tensor view(Tensor factor, long offset) {
        Tensor view = owner.own(values.narrow(0, offset, factor.count()).reshape(factor.shape()));
        return view.copyFrom(factor);
    }

    /** The adapter as it stands; its tensors change with every step. */
    public Adapter adapter() {
        return adapter;
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

    /** The part of a vector shaped like {@link #values} that belongs to the {@code up} factors. */
    public Tensor ups(Tensor vector) {
        return vector.narrow(0, downs, count() - downs);
    }

    /**
     * Joins the gradients of an adapter's leaves into one vector.
     *
     * @param leaves an adapter of this shape whose factors are leaves
     * @return [count]; zero where no gradient flowed
     */
    static Tensor gradient(Adapter leaves) {
        List<Tensor> parts = new ArrayList<>();
        leaves.ordered().values().forEach(factor -> parts.add(flat(factor.down())));
        leaves.ordered().values().forEach(factor -> parts.add(flat(factor.up())));
        return Tensor.concat(0, parts);
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
