package dev.inlay.app.experiments.world;

import org.jspecify.annotations.Nullable;

/**
 * A point of a derivation.
 *
 * @param ahead what is still to be derived; null at the end
 * @param bindings what the variables stand for
 */
record State(@Nullable Frame ahead, Bindings bindings) {
    /** A list of nodes, the next one first. */
    record Frame(Node node, @Nullable Frame rest) {}

    static State start(Node root) {
        return new State(new Frame(root, null), Bindings.NONE);
    }

    /** The state after one node; not to be asked at the end. */
    Step step(Grammar grammar) {
        if (ahead == null) {
            throw new IllegalStateException("the derivation has ended");
        }
        return ahead.node().step(grammar, new State(ahead.rest(), bindings));
    }

    State push(Node node) {
        return new State(new Frame(node, ahead), bindings);
    }

    State bind(String variable, Entry entry) {
        return new State(ahead, bindings.with(variable, entry));
    }
}
