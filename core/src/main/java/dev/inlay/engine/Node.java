package dev.inlay.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One recorded operation of the gradient tape: which nodes it read, and how a gradient of its result becomes gradients
 * of those. A node without a rule is a leaf; its gradient stays until it is taken.
 *
 * <p>Nodes are numbered in the order of recording, so descending numbers are a reverse topological order.
 */
final class Node {
    private static final AtomicLong COUNTER = new AtomicLong();

    /** Turns the gradient of the result into contributions to the inputs, by {@link #accumulate}. */
    interface Rule {
        void run(Tensor gradient);
    }

    private final long number = COUNTER.getAndIncrement();
    private final List<Node> inputs = new ArrayList<>(2);
    private final List<Tensor> saved = new ArrayList<>(3);
    private final boolean leaf;
    private @Nullable Rule rule;
    private @Nullable Tensor gradient;
    private boolean gradientIsOurs;
    private boolean released;

    private Node(@Nullable Rule rule) {
        this.rule = rule;
        this.leaf = rule == null;
    }

    static Node leaf() {
        return new Node(null);
    }

    static Node of(Rule rule) {
        return new Node(rule);
    }

    long number() {
        return number;
    }

    boolean isLeaf() {
        return leaf;
    }

    boolean isReleased() {
        return released;
    }

    List<Node> inputs() {
        return inputs;
    }

    @Nullable
    Tensor gradient() {
        return gradient;
    }

    void reads(@Nullable Node input) {
        if (input != null) {
            inputs.add(input);
        }
    }

    /** The rule needs this value: it stays alive until the rule has run. */
    void save(Tensor value) {
        value.retain();
        saved.add(value);
    }

    /**
     * Adds a contribution.
     *
     * @param fresh the caller made {@code contribution} for this call alone, so it may be added to in place
     */
    void accumulate(Tensor contribution, boolean fresh) {
        Tensor sum = gradient;
        if (sum == null) {
            set(contribution, fresh);
        } else if (gradientIsOurs) {
            sum.add(contribution);
        } else {
            set(sum.plus(contribution), true);
        }
    }

    /** Adds a contribution to the slice [start, start + length) of a dimension of a value of the given shape. */
    void accumulateSlice(Tensor contribution, long[] shape, int dimension, long start) {
        Tensor sum = gradient;
        if (sum == null) {
            sum = Tensor.zeros(contribution.dtype(), contribution.device(), shape);
            set(sum, true);
        } else if (!gradientIsOurs) {
            sum = sum.copy();
            set(sum, true);
        }
        sum.narrow(dimension, start, contribution.size(dimension)).add(contribution);
    }

    private void set(Tensor value, boolean fresh) {
        value.retain();
        Tensor old = gradient;
        gradient = value;
        gradientIsOurs = fresh;
        if (old != null) {
            old.release();
        }
    }

    /** Runs the rule on the gradient collected so far and frees all that it needed; a leaf keeps its gradient. */
    void run() {
        if (leaf) {
            return;
        }
        if (released) {
            throw new EngineException(
                    "backward was called twice on one graph; its values are freed after the first time");
        }
        Rule step = rule;
        Tensor collected = gradient;
        if (step != null && collected != null) {
            try (Scope scope = Scope.open()) {
                step.run(collected);
            }
        }
        release();
    }

    /** Frees saved values and the gradient. */
    void release() {
        released = true;
        saved.forEach(Tensor::release);
        saved.clear();
        rule = null;
        inputs.clear();
        clearGradient();
    }

    void clearGradient() {
        Tensor old = gradient;
        gradient = null;
        if (old != null) {
            old.release();
        }
    }
}
