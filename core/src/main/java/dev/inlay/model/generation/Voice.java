package dev.inlay.model.generation;

import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.Reading;
import dev.inlay.model.Segments;
import java.util.List;
import java.util.function.Function;

/**
 * An adapter as a {@link Session} takes it: what it computes, where it acts by its own rule, and how it is made to act
 * elsewhere.
 *
 * @param content tells adapters apart by what they compute, whatever they are called and wherever they act
 * @param gate its rule
 * @param under the interventions that act where a gate says, in place of the rule
 */
public record Voice(String content, Gate gate, Function<Gate, List<Intervention>> under) {
    /** The same by another rule. */
    public Voice with(Gate other) {
        return new Voice(content, other, under);
    }

    /** The same, from a position on and not before. */
    public Voice from(int position) {
        return with(new Product(gate, Segments.from(position)));
    }

    /** The same, so many times as strong as its rule says from a position on, whatever was said of later ones. */
    Voice then(int position, double strength) {
        Product before = product();
        return with(new Product(before.rule, before.strengths.then(position, strength)));
    }

    /** The same without what was said of strengths behind a position. */
    Voice until(int position) {
        Product before = product();
        return with(new Product(before.rule, before.strengths.until(position)));
    }

    /** Where it acts whatever its rule says. */
    Voice at(Segments segments) {
        return with(new Product(Gate.OPEN, segments));
    }

    private Product product() {
        return gate instanceof Product product ? product : new Product(gate, Segments.OPEN);
    }

    List<Intervention> interventions() {
        return under.apply(gate);
    }

    /** A rule and strengths given beside it; closed everywhere, the rule is not asked. */
    private record Product(Gate rule, Segments strengths) implements Gate {
        @Override
        public Segments over(Reading row) {
            return strengths.equals(Segments.CLOSED)
                    ? Segments.CLOSED
                    : rule.over(row).times(strengths);
        }

        @Override
        public String toString() {
            return rule + ", times (" + strengths + ")";
        }
    }
}
