package dev.inlay.dynamics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;

/** The heads at each time: the same ones, or others in each layer. */
@FunctionalInterface
public interface Weights {
    /** The heads that act at time t. */
    List<Head> at(double t);

    /** The same heads in all layers. */
    static Weights tied(List<Head> heads) {
        List<Head> all = List.copyOf(heads);
        return t -> all;
    }

    static Weights tied(Head head) {
        return tied(List.of(head));
    }

    /**
     * Other heads in each layer, or drawn anew every {@code duration}.
     *
     * @param duration of a layer in time
     * @param heads of layer 0, 1, ...; the same layer must always give the same heads
     */
    static Weights perLayer(double duration, IntFunction<List<Head>> heads) {
        Map<Integer, List<Head>> known = new ConcurrentHashMap<>();
        // Times are multiples of a step and may lie a rounding below the start of a layer.
        return t -> known.computeIfAbsent((int) Math.floor(t / duration + 1e-9), heads::apply);
    }

    /** Changed heads from time {@code from} until before {@code until}, to a rounding, else the base. */
    static Weights window(Weights base, Weights changed, double from, double until) {
        return t -> (t >= from - 1e-9 && t < until - 1e-9 ? changed : base).at(t);
    }
}
