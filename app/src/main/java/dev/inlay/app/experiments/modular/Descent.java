package dev.inlay.app.experiments.modular;

import dev.inlay.InlayException;
import dev.inlay.InlayException.Kind;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.training.AdamW;
import dev.inlay.training.Optimiser;
import dev.inlay.training.Trainable;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** Full-batch training of one vector of float32 values. */
final class Descent implements AutoCloseable {
    private final Tensor values;
    private final Forward forward;
    private final Examples examples;
    private final Function<Tensor, Weights> weights;
    private final double learningRate;
    private final Optimiser optimiser;

    /** @param weights made of the values; gradients reach a leaf through them */
    Descent(
            Tensor values,
            Forward forward,
            Examples examples,
            Function<Tensor, Weights> weights,
            ModularOptions.Phase phase) {
        this.values = values;
        this.forward = forward;
        this.examples = examples;
        this.weights = weights;
        this.learningRate = phase.learningRate();
        this.optimiser = new Optimiser(
                values,
                List.of(new Trainable.Slice(values.count(), 1, 1)),
                new AdamW(0.9, 0.98, 1e-8, phase.weightDecay()));
    }

    /**
     * One step.
     *
     * @param goOn whether to step, given the logits [examples, vocabulary] before it
     * @return what it said
     */
    boolean step(Predicate<Tensor> goOn) {
        try (Scope scope = Scope.open()) {
            Tensor leaf = values.detached().asLeaf();
            Tensor logits = forward.logits(weights.apply(leaf), examples);
            if (!goOn.test(logits.detached())) {
                return false;
            }
            Tensor loss = Forward.loss(logits, examples);
            if (!Double.isFinite(loss.item())) {
                throw new InlayException(
                        Kind.DIVERGED,
                        "the loss is not finite after " + optimiser.steps() + " epochs; use a smaller learning rate",
                        null);
            }
            loss.backward();
            Tensor gradient = leaf.gradient();
            if (gradient == null) {
                throw new IllegalStateException("every value acts");
            }
            optimiser.step(gradient, learningRate);
            return true;
        }
    }

    @Override
    public void close() {
        optimiser.close();
    }
}
