package dev.inlay.app.experiments.world;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EntropyTest {
    private static final int SAMPLES = 4000;
    private final Grammar grammar = Grammar.of(Split.TEST);

    /** Two ways to the same number: the recursion over states, and the mean surprise of texts drawn by chance. */
    @ParameterizedTest
    @EnumSource(Register.class)
    void exactEntropyIsTheMeanSurpriseOfSamples(Register register) {
        compare(grammar, register);
    }

    /** Splits with fewer names or pairs have smaller floors, equally exact. */
    @ParameterizedTest
    @EnumSource(Split.class)
    void floorOfEverySplitIsTheMeanSurpriseOfItsSamples(Split split) {
        compare(Grammar.of(split), Register.STORY);
    }

    private static void compare(Grammar grammar, Register register) {
        Node root = grammar.root(List.of(register));
        Map<Kind, Double> exact = new Entropy(grammar).of(root);
        for (Kind kind : Kind.values()) {
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < SAMPLES; i++) {
                double nats = draw(grammar, root, i).nats().getOrDefault(kind, 0.0);
                sum += nats;
                squares += nats * nats;
            }
            double mean = sum / SAMPLES;
            double error = Math.sqrt(Math.max(0, squares / SAMPLES - mean * mean) / SAMPLES);
            assertThat(exact.getOrDefault(kind, 0.0))
                    .as("%s of %s", kind, register)
                    .isCloseTo(mean, within(4 * error + 1e-9));
        }
    }

    /** Small enough to do by hand: H = ln 2 + (3/4 ln(4/3) + 1/4 ln 4) for the two choices. */
    @Test
    void entropyOfTwoChoicesIsTheirSum() {
        GrammarReader reader = new GrammarReader();
        reader.read("text:\n  -3 <word>\n  -1 no <word>\nword: one | two\n");
        Grammar small = reader.grammar();
        Map<Kind, Double> exact = new Entropy(small).of(small.rule("text"));
        assertThat(exact.get(Kind.WORD)).isCloseTo(Math.log(2), within(1e-15));
        assertThat(exact.get(Kind.FORM)).isCloseTo(0.75 * Math.log(4 / 3.0) + 0.25 * Math.log(4), within(1e-15));
    }

    /** Where a later choice depends on an earlier one, states must not be taken for equal. */
    @Test
    void laterChoicesDependOnWhatWasDrawn() {
        GrammarReader reader = new GrammarReader();
        reader.read("""
                table side: key
                  l
                  r
                text:
                  - {s:side}{s} <between> <more/s>
                between: and | or
                more/l: a | b | c | d
                more/r: e
                """);
        Grammar small = reader.grammar();
        assertThat(new Entropy(small).of(small.rule("text")).get(Kind.WORD))
                .isCloseTo(Math.log(2) + 0.5 * Math.log(4), within(1e-15));
    }

    /**
     * A text has one derivation, and the grammar asked for character after character gives it the probability of that
     * derivation: the perfect predictor reaches the floor.
     */
    @ParameterizedTest
    @EnumSource(Register.class)
    void perfectPredictorReachesTheFloorOfEveryText(Register register) {
        Node root = grammar.root(List.of(register));
        Predictor unknowing = new Predictor(grammar, Optional.empty());
        for (int i = 0; i < 30; i++) {
            Document document = draw(grammar, root, i);
            Predictor.Prediction prediction = unknowing.predict(root, document.text());
            assertThat(prediction.derivations()).as(document.text()).isEqualTo(1);
            assertThat(prediction.total()).as(document.text()).isCloseTo(document.floor(), within(1e-9));
            double knowing = new Predictor(grammar, Optional.of(new World(i)))
                    .predict(root, document.text())
                    .total();
            assertThat(knowing).as(document.text()).isCloseTo(document.floorKnowingTheWorld(), within(1e-9));
        }
    }

    private static Document draw(Grammar grammar, Node root, int seed) {
        return Sampler.draw(grammar, root, new World(seed), new SplittableRandom(seed));
    }
}
