package dev.inlay.app.experiments.modular;

import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Tunes a base on subtraction and watches addition.
 *
 * @param base values, [parameters]
 */
record FineTuning(Sizes sizes, ModularOptions options, Seeds seeds, Tensor base) {
    /** How often the held pairs of subtraction are looked at. */
    private static final int HELD_EVERY = 30;

    /**
     * A tuned model.
     *
     * @param weights in the caller's scope
     */
    record Result(Curve curve, Weights weights) {}

    Weights weights() {
        return Weights.of(sizes, base);
    }

    private Examples addition() {
        return Examples.of(sizes.modulus(), IntStream.range(0, sizes.pairs()).toArray());
    }

    /** Trains an arm; {@code epoch} is told after each. */
    Result trained(Arm arm, IntConsumer epoch) {
        double share = options.tuning().share();
        int[] subtraction = Split.drawn(sizes.modulus(), seeds.split()).subtraction();
        Examples examples = Examples.of(sizes.modulus(), Split.first(subtraction, share));
        Optional<Examples> held = Examples.ofAny(sizes.modulus(), Split.rest(subtraction, share));
        Examples addition = addition();
        Tuning tuning = tuning(arm);
        Tensor values = tuning.start(seeds.change());
        Forward forward = new Forward(sizes);
        List<Curve.Point> points = new ArrayList<>();
        int last = options.tuning().epochs();
        try (Descent descent = new Descent(values, forward, examples, tuning::tuned, options.tuning())) {
            for (int e = 0; e <= last; e++) {
                int now = e;
                descent.step(logits -> {
                    if (Curve.isLogged(now, last)) {
                        Weights tuned = tuning.tuned(values);
                        points.add(new Curve.Point(
                                now,
                                addition.accuracy(forward.logits(tuned, addition)),
                                examples.accuracy(logits),
                                held.filter(each -> now % HELD_EVERY == 0 || now == last)
                                        .map(each -> each.accuracy(forward.logits(tuned, each)))
                                        .orElse(Double.NaN),
                                norm(tuned)));
                    }
                    return now < last;
                });
                epoch.accept(e);
            }
        }
        return new Result(new Curve(points), tuning.tuned(values));
    }

    /** Walks along a drawn change with the norms of a curve; {@code epoch} is told after each. */
    Result random(Arm arm, Curve norms, IntConsumer epoch) {
        RandomChange change = RandomChange.drawn(weights(), arm.targets(), options.rank(), seeds.change());
        Examples addition = addition();
        Forward forward = new Forward(sizes);
        List<Curve.Point> points = new ArrayList<>();
        for (Curve.Point point : norms.points()) {
            try (Scope scope = Scope.open()) {
                double accuracy = addition.accuracy(forward.logits(change.ofNorm(point.norm()), addition));
                points.add(new Curve.Point(point.epoch(), accuracy, Double.NaN, Double.NaN, point.norm()));
            }
            epoch.accept(point.epoch());
        }
        return new Result(new Curve(points), change.ofNorm(norms.last().norm()));
    }

    private Tuning tuning(Arm arm) {
        double scale = options.alpha() / options.rank();
        return switch (arm.kind()) {
            case LORA -> new LowRankTuning(weights(), arm.targets(), options.rank(), scale, List.of());
            case ORTHOGONAL -> LowRankTuning.orthogonal(weights(), arm.targets(), options.rank(), scale);
            case FULL ->
                arm.targets().isEmpty() ? new FullTuning(sizes, base) : new MapTuning(weights(), arm.targets());
            case RANDOM -> throw new IllegalArgumentException("a random change is not trained");
        };
    }

    private double norm(Weights tuned) {
        Weights before = weights();
        double square = 0;
        for (int b = 0; b < sizes.blocks(); b++) {
            for (Projection each : Projection.values()) {
                double norm = tuned.block(b)
                        .projection(each)
                        .minus(before.block(b).projection(each))
                        .norm();
                square += norm * norm;
            }
        }
        return Math.sqrt(square);
    }
}
