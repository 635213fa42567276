package dev.inlay.app.experiments.modular;

import static dev.inlay.InlayException.require;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Settings of the experiment.
 *
 * @param modulus p
 * @param width d
 * @param accuracy of addition over all pairs at which pre-training stops
 * @param tolerance by which a base may be better than that and still count as matched
 * @param pretraining of addition
 * @param tuning on subtraction
 * @param rank of low-rank changes
 * @param alpha their scale is alpha / rank
 */
public record ModularOptions(
        int modulus,
        int width,
        List<Integer> depths,
        int seeds,
        List<String> arms,
        double accuracy,
        double tolerance,
        Phase pretraining,
        Phase tuning,
        int rank,
        double alpha) {
    /**
     * Full-batch training by AdamW.
     *
     * @param share of all pairs that is trained on
     * @param epochs most, of pre-training; all, of tuning
     */
    public record Phase(double share, double learningRate, double weightDecay, int epochs) {
        public Phase {
            require(share > 0 && share <= 1, "a share of pairs must be above 0 and at most 1, was %s", share);
            require(
                    learningRate > 0 && learningRate <= 1,
                    "a learning rate must be above 0 and at most 1, was %s",
                    learningRate);
            require(
                    weightDecay >= 0 && weightDecay <= 100,
                    "a weight decay must be from 0 to 100, was %s",
                    weightDecay);
            require(epochs >= 1 && epochs <= 10_000_000, "epochs must be from 1 to 10000000, were %d", epochs);
        }

        private Map<String, Object> json() {
            return new TreeMap<>(Map.of(
                    "share", share, "learning_rate", learningRate, "weight_decay", weightDecay, "epochs", epochs));
        }
    }

    /** Small enough for a laptop; all of addition is trained on. */
    public static final ModularOptions TWIN = new ModularOptions(
            23,
            48,
            List.of(2, 4, 6, 8, 12),
            5,
            List.of("lora value"),
            .99,
            .005,
            new Phase(1, 1e-3, .1, 5000),
            new Phase(.3, 1e-3, .01, 600),
            4,
            2);

    /** The sizes and shares of arXiv 2402.15415, with one weight decay for all depths. */
    public static final ModularOptions PUBLISHED = new ModularOptions(
            113,
            128,
            TWIN.depths,
            5,
            TWIN.arms,
            .99,
            .005,
            new Phase(.6, 1e-3, 1, 50_000),
            new Phase(.3, 1e-4, .01, 10_000),
            16,
            8);

    public ModularOptions {
        depths = List.copyOf(depths);
        arms = arms.stream().map(Arm::parse).map(Arm::text).distinct().toList();
        require(!depths.isEmpty(), "at least one depth is needed");
        require(depths.stream().distinct().count() == depths.size(), "a depth is named twice: %s", depths);
        depths.forEach(depth -> new Sizes(modulus, width, depth, Base.TIED));
        require(seeds >= 1 && seeds <= 10_000, "seeds must be from 1 to 10000, were %d", seeds);
        require(!arms.isEmpty(), "at least one arm is needed, such as \"lora value\"");
        require(accuracy > 0 && accuracy <= 1, "the accuracy must be above 0 and at most 1, was %s", accuracy);
        require(tolerance >= 0 && tolerance <= 1, "the tolerance must be from 0 to 1, was %s", tolerance);
        require(rank >= 1 && rank <= width, "the rank must be from 1 to the width %d, was %d", width, rank);
        require(alpha > 0 && Double.isFinite(alpha), "alpha must be above 0, was %s", alpha);
        for (String text : arms) {
            Arm arm = Arm.parse(text);
            if (arm.kind() == Arm.Kind.RANDOM) {
                String trained = arm.trained().text();
                require(arms.contains(trained), "\"%s\" has the norms of \"%s\"; name that arm too", text, trained);
            }
        }
    }

    List<Arm> parsedArms() {
        return arms.stream().map(Arm::parse).toList();
    }

    /** As run.json holds them. */
    Map<String, Object> json() {
        Map<String, Object> json = new TreeMap<>();
        json.put("modulus", modulus);
        json.put("width", width);
        json.put("depths", depths);
        json.put("seeds", seeds);
        json.put("arms", arms);
        json.put("accuracy", accuracy);
        json.put("tolerance", tolerance);
        json.put("pretraining", pretraining.json());
        json.put("tuning", tuning.json());
        json.put("rank", rank);
        json.put("alpha", alpha);
        return json;
    }
}
