package dev.inlay.app.experiments.world;

import java.util.Map;
import java.util.TreeMap;

/**
 * The texts of one register in one split.
 *
 * @param exact nats per text by kind of choice, over all worlds
 * @param mean nats per text of the rows that were written, with its standard error
 * @param meanKnown nats per text of these rows for a model that knows their worlds
 */
public record RegisterSummary(
        Split split,
        Register register,
        long rows,
        long words,
        Map<String, Double> exact,
        double mean,
        double error,
        double meanKnown) {

    static RegisterSummary of(Split split, Register register, Map<Kind, Double> exact, Tally tally) {
        return new RegisterSummary(
                split,
                register,
                tally.rows(),
                tally.words(),
                named(exact),
                tally.mean(),
                tally.error(),
                tally.meanKnown());
    }

    /** Nats per text: the least mean loss of a model that does not know the worlds. */
    public double floor() {
        return exact.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    /** Nats per text for a model that knows them. */
    public double floorKnown() {
        return floor() - exact.getOrDefault("fact", 0.0);
    }

    static Map<String, Double> named(Map<Kind, Double> nats) {
        Map<String, Double> named = new TreeMap<>();
        nats.forEach((kind, value) -> named.put(kind.toString(), value));
        return named;
    }
}
