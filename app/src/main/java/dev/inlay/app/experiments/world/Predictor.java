package dev.inlay.app.experiments.world;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The best possible model of the texts: the grammar itself, asked for the next character.
 *
 * <p>It keeps every derivation that agrees with the text so far, weighted by its probability. The probability of the next
 * character is the share of the weight whose derivations go on with it, that is
 * {@code P(text so far + c) / P(text so far)}. Without a world, facts are drawn like everything else.
 */
final class Predictor {
    /** Derivations of a text that say the same so far: what is written next and where it goes on; no text at the end. */
    private record Reading(double weight, String pending, int at, State next) {
        boolean ended() {
            return pending.isEmpty();
        }
    }

    /**
     * What the model says about a whole text.
     *
     * @param nats surprise of each character, and at last of the end
     * @param derivations how many derivations the text has
     */
    record Prediction(List<Double> nats, int derivations) {
        double total() {
            return nats.stream().mapToDouble(Double::doubleValue).sum();
        }
    }

    private final Grammar grammar;
    private final Optional<World> world;

    Predictor(Grammar grammar, Optional<World> world) {
        this.grammar = grammar;
        this.world = world;
    }

    Prediction predict(Node root, String text) {
        List<Double> nats = new ArrayList<>();
        List<Reading> readings = readings(root, text, nats);
        double ended = readings.stream()
                .filter(Reading::ended)
                .mapToDouble(Reading::weight)
                .sum();
        nats.add(-Math.log(ended));
        return new Prediction(
                nats, (int) readings.stream().filter(Reading::ended).count());
    }

    /**
     * What a cell is, given how a text begins: {@code P(value | beginning)} for each value that agrees with it. The variable
     * must be bound by then.
     */
    Map<String, Double> given(Node root, String beginning, Attribute cell) {
        Map<String, Double> chances = new TreeMap<>();
        readings(root, beginning, new ArrayList<>())
                .forEach(reading -> chances.merge(cell.of(reading.next().bindings()), reading.weight(), Double::sum));
        return chances;
    }

    /** All readings of a beginning; their weights sum to 1. */
    private List<Reading> readings(Node root, String beginning, List<Double> nats) {
        List<Reading> readings = new ArrayList<>();
        expand(1, State.start(root), readings);
        for (int i = 0; i < beginning.length(); i++) {
            readings = advance(readings, beginning.charAt(i), nats);
        }
        return readings;
    }

    private List<Reading> advance(List<Reading> readings, char c, List<Double> nats) {
        double agreeing = 0;
        List<Reading> agreed = new ArrayList<>();
        for (Reading reading : readings) {
            if (!reading.ended() && reading.pending().charAt(reading.at()) == c) {
                agreeing += reading.weight();
                agreed.add(reading);
            }
        }
        nats.add(-Math.log(agreeing));
        List<Reading> after = new ArrayList<>();
        for (Reading reading : agreed) {
            double weight = reading.weight() / agreeing;
            if (reading.at() + 1 < reading.pending().length()) {
                after.add(new Reading(weight, reading.pending(), reading.at() + 1, reading.next()));
            } else {
                expand(weight, reading.next(), after);
            }
        }
        return after;
    }

    /** Follows every way to the next text. */
    private void expand(double weight, State state, List<Reading> readings) {
        if (state.ahead() == null) {
            readings.add(new Reading(weight, "", 0, state));
            return;
        }
        Step step = state.step(grammar);
        if (step instanceof Step.Branch branch) {
            branch(weight, branch, readings);
        } else if (step instanceof Step.Emit emit && !emit.text().isEmpty()) {
            readings.add(new Reading(weight, emit.text(), 0, emit.only()));
        } else {
            expand(weight, step.only(), readings);
        }
    }

    private void branch(double weight, Step.Branch branch, List<Reading> readings) {
        if (branch.question() != null && world.isPresent()) {
            int answer = world.get().answer(branch.question(), branch.chances().size());
            expand(weight, branch.option().apply(answer), readings);
            return;
        }
        for (int i = 0; i < branch.chances().size(); i++) {
            expand(weight * branch.chances().get(i), branch.option().apply(i), readings);
        }
    }
}
