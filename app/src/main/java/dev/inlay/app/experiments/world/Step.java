package dev.inlay.app.experiments.world;

import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** What one node of a derivation does. */
sealed interface Step {
    /** The state after a step that leaves no choice. */
    State only();

    /** Nothing visible. */
    record Move(State only) implements Step {}

    /** Writes text. */
    record Emit(String text, State only) implements Step {}

    /** Notes a truth about the text that is not part of it. */
    record Note(String label, String value, State only) implements Step {}

    /**
     * Goes one of several ways.
     *
     * @param chances the probability of each
     * @param option the state behind each
     * @param question the fact that decides in a given world; null where nothing but chance decides
     */
    record Branch(
            Kind kind,
            List<Double> chances,
            IntFunction<State> option,
            @Nullable Question question) implements Step {
        @Override
        public State only() {
            throw new IllegalStateException("a branch has several ways to go on");
        }
    }

    /** What a world is asked: {@code Mara}, {@code trade}. */
    record Question(String subject, String relation) {}
}
