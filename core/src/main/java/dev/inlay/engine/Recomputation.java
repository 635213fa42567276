package dev.inlay.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Trades time for memory: a step whose inner values are not kept but computed again when the gradient needs them (Chen et
 * al. 2016, "Training deep nets with sublinear memory cost"). The gradients are the same, to the bit.
 */
public final class Recomputation {
    /** The step that runs on this thread without recording, if any. */
    private static final ThreadLocal<@Nullable Recomputation> RUNNING = new ThreadLocal<>();

    private boolean metLeaf;

    private Recomputation() {}

    /** Asked where an operation would be recorded: whether it must not be, because it will run again. */
    static boolean skips() {
        Recomputation running = RUNNING.get();
        if (running != null) {
            running.metLeaf = true;
        }
        return running != null;
    }

    /**
     * Applies a step and remembers only its input.
     *
     * @param step a function of its argument, of leaves and of constants; it runs a second time during backward and must
     *     then give the same values, so anything random in it must come from a fixed seed
     * @param constants what the step reads besides, unless it lives longer anyway
     */
    public static Tensor of(UnaryOperator<Tensor> step, Tensor x, List<Tensor> constants) {
        if (RUNNING.get() != null) {
            return step.apply(x);
        }
        Recomputation running = new Recomputation();
        Tensor y;
        try (Scope scope = Scope.open()) {
            RUNNING.set(running);
            y = scope.keep(step.apply(x.detached()));
        } finally {
            RUNNING.remove();
        }
        if (!x.isTracked() && !running.metLeaf) {
            return y;
        }
        Tensor origin = x.isTracked() ? x : x.asLeaf();
        List<Tensor> saved = new ArrayList<>(constants);
        saved.add(x);
        return y.from(gradient -> again(step, x, gradient), saved, origin);
    }

    private static void again(UnaryOperator<Tensor> step, Tensor x, Tensor gradient) {
        if (!x.isTracked()) {
            step.apply(x).backward(gradient);
            return;
        }
        Tensor leaf = x.detached().asLeaf();
        step.apply(leaf).backward(gradient);
        Tensor inner = leaf.gradient();
        if (inner != null) {
            x.give(inner, false);
        }
    }
}
