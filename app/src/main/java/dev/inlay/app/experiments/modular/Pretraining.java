package dev.inlay.app.experiments.modular;

import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Trains addition until it is known well enough. */
record Pretraining(Sizes sizes, ModularOptions options, Seeds seeds) {
    /**
     * A base.
     *
     * @param values [parameters]
     * @param epochs trained
     * @param accuracy of addition over all pairs
     */
    record Result(Tensor values, int epochs, double accuracy) {}

    /** @param epoch told after each */
    Result run(IntConsumer epoch) {
        double share = options.pretraining().share();
        Split split = Split.drawn(sizes.modulus(), seeds.split());
        int[] trained = Split.first(split.addition(), share);
        int[] mixed = sizes.base() == Base.MIXED
                ? IntStream.concat(
                                IntStream.of(trained),
                                IntStream.of(Split.first(split.subtraction(), Split.MIXED_SHARE)))
                        .toArray()
                : trained;
        Tensor values = Weights.drawn(sizes, seeds.weights(), DType.FLOAT32);
        Examples examples = Examples.of(sizes.modulus(), mixed);
        Optional<Examples> held = Examples.ofAny(sizes.modulus(), Split.rest(split.addition(), share));
        Forward forward = new Forward(sizes);
        double[] accuracy = new double[1];
        int epochs = 0;
        try (Descent descent =
                new Descent(values, forward, examples, leaf -> Weights.of(sizes, leaf), options.pretraining())) {
            boolean open = true;
            while (open) {
                int done = epochs;
                open = descent.step(logits -> {
                    int hits = examples.hits(logits, trained.length)
                            + held.map(each -> hits(forward, values, each)).orElse(0);
                    accuracy[0] = hits / (double) sizes.pairs();
                    return accuracy[0] < options.accuracy()
                            && done < options.pretraining().epochs();
                });
                epochs += open ? 1 : 0;
                epoch.accept(epochs);
            }
        }
        return new Result(values, epochs, accuracy[0]);
    }

    private int hits(Forward forward, Tensor values, Examples held) {
        try (Scope scope = Scope.open()) {
            return held.hits(forward.logits(Weights.of(sizes, values), held), held.count());
        }
    }
}
