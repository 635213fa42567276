package dev.inlay.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one rule of native memory: everything made inside a scope dies with it, except what is kept.
 *
 * <p>Scopes nest per thread. A tensor belongs to the innermost scope of the thread that makes it; {@link #keep} hands it
 * to the enclosing one. Gradients need the values they were computed from: those stay alive until {@link
 * Tensor#backward} has used them, or until no tensor that could start it is left.
 *
 * <pre>{@code
 * try (Scope step = Scope.open()) {
 *     Tensor hidden = decoder.hidden(pass);   // temporaries belong to step
 *     return step.keep(hidden.times(2));      // this one belongs to the enclosing scope
 * }
 * }</pre>
 *
 * <p>{@link #detached} makes a scope outside the nesting, for what lives long and is used by many threads (weights).
 */
public final class Scope implements AutoCloseable {
    private static final ThreadLocal<@Nullable Scope> INNERMOST = new ThreadLocal<>();

    private final @Nullable Scope enclosing;
    private final boolean nested;
    private final List<Tensor> tensors = new ArrayList<>();
    private final List<Tensor> kept = new ArrayList<>();
    private List<Node> nodes = new ArrayList<>();
    private boolean closed;

    private Scope(@Nullable Scope enclosing, boolean nested) {
        this.enclosing = enclosing;
        this.nested = nested;
    }

    /** Opens a scope inside the current one of this thread, if any. */
    public static Scope open() {
        Native.enter();
        Scope scope = new Scope(INNERMOST.get(), true);
        INNERMOST.set(scope);
        return scope;
    }

    /** A long-lived owner outside the nesting: only what is given to {@link #own} belongs to it. */
    public static Scope detached() {
        Native.enter();
        return new Scope(null, false);
    }

    static Scope innermost() {
        Scope scope = INNERMOST.get();
        if (scope == null) {
            throw new EngineException("no scope is open on this thread; wrap the call in try (Scope s = Scope.open())");
        }
        return scope;
    }

    /**
     * Hands a tensor to the enclosing scope when this one closes.
     *
     * @return the same tensor
     * @throws EngineException if there is no enclosing scope
     */
    public Tensor keep(Tensor tensor) {
        if (enclosing == null) {
            throw new EngineException(
                    "a scope without an enclosing one cannot keep; let a detached scope own the tensor");
        }
        tensor.retain();
        kept.add(tensor);
        return tensor;
    }

    /** Makes this scope one more owner of the tensor: it lives at least as long. Used for long-lived owners. */
    public Tensor own(Tensor tensor) {
        tensor.retain();
        synchronized (tensors) {
            tensors.add(tensor);
        }
        return tensor;
    }

    /** Lets go of a tensor of this scope before it closes; values that a gradient needs stay alive. */
    public void drop(Tensor tensor) {
        if (tensors.remove(tensor)) {
            tensor.release();
        }
    }

    void register(Tensor tensor) {
        tensors.add(tensor);
    }

    void register(Node node) {
        nodes.add(node);
    }

    /** Frees what is not kept. Closing twice has no effect. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        if (nested) {
            leave();
        }
        closed = true;
        promote();
        for (int i = tensors.size() - 1; i >= 0; i--) {
            tensors.get(i).release();
        }
        tensors.clear();
    }

    private void leave() {
        if (INNERMOST.get() != this) {
            throw new EngineException(
                    "scopes must close in the reverse order of opening, on the thread that opened them");
        }
        if (enclosing == null) {
            INNERMOST.remove();
        } else {
            INNERMOST.set(enclosing);
        }
    }

    /** A graph that no kept tensor leads to can never run backwards: its saved values go now. */
    private void promote() {
        boolean reachable = false;
        for (Tensor tensor : kept) {
            reachable |= tensor.node() != null;
            if (enclosing != null) {
                enclosing.register(tensor);
            }
        }
        for (Node node : nodes) {
            if (reachable && enclosing != null) {
                if (!node.isReleased()) {
                    enclosing.register(node);
                }
            } else {
                node.release();
            }
        }
        nodes = new ArrayList<>();
    }
}
