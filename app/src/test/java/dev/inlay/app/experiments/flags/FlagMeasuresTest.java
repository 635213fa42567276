package dev.inlay.app.experiments.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FlagMeasuresTest {
    /** Published accuracies in percent of 1,000 rows each, with the mask and without: arXiv 2602.05532, off-policy, hp. */
    @Test
    void fact30_balancedAccuracyIsThePublishedOne() {
        double masked = balanced(765, 893);
        double open = balanced(967, 939);
        assertThat(masked).isCloseTo(82.9, within(1e-9));
        assertThat(open).isCloseTo(95.3, within(1e-9));
        assertThat(masked - open).isCloseTo(-12.4, within(1e-9));
    }

    private static double balanced(int failsRight, int passesRight) {
        List<ScoredFlag> flags = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            flags.add(flag(i, Verdict.FAIL, i < failsRight ? 0.5 : -0.5));
            flags.add(flag(i, Verdict.PASS, i < passesRight ? -0.5 : 0.5));
        }
        return 100 * FlagMeasures.of(flags).balanced();
    }

    @Test
    void aurocCountsPairs() {
        for (int seed = 0; seed < 20; seed++) {
            List<ScoredFlag> flags = random(seed, 30);
            double above = 0;
            int pairs = 0;
            for (ScoredFlag fail : of(flags, Verdict.FAIL)) {
                for (ScoredFlag pass : of(flags, Verdict.PASS)) {
                    above += fail.logit() > pass.logit() ? 1 : fail.logit() == pass.logit() ? 0.5 : 0;
                    pairs++;
                }
            }
            assertThat(FlagMeasures.of(flags).auroc()).as("seed %d", seed).isCloseTo(above / pairs, within(1e-12));
        }
    }

    /** Whole logits, so that ties occur. */
    static List<ScoredFlag> random(int seed, int rows) {
        Random random = new Random(seed);
        List<ScoredFlag> flags = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            flags.add(flag(i, i % 3 == 0 ? Verdict.FAIL : Verdict.PASS, random.nextInt(9) - 4 + (i % 3 == 0 ? 1 : 0)));
        }
        return flags;
    }

    private static List<ScoredFlag> of(List<ScoredFlag> flags, Verdict verdict) {
        return flags.stream().filter(flag -> flag.truth() == verdict).toList();
    }

    static ScoredFlag flag(int task, Verdict truth, double logit) {
        return new ScoredFlag("task " + task, truth, logit);
    }

    @Test
    void flagWithoutPreferenceIsAPass() {
        FlagMeasures even = FlagMeasures.of(List.of(flag(0, Verdict.FAIL, 0), flag(1, Verdict.PASS, 0)));
        assertThat(even.failRight()).isZero();
        assertThat(even.passRight()).isEqualTo(1);
        assertThat(even.auroc()).isEqualTo(0.5);
    }

    @Test
    void measuresOfAMissingClassAreNoNumbers() {
        FlagMeasures onlyPasses = FlagMeasures.of(List.of(flag(0, Verdict.PASS, -1), flag(1, Verdict.PASS, 1)));
        assertThat(onlyPasses.passRight()).isEqualTo(0.5);
        assertThat(onlyPasses.failRight()).isNaN();
        assertThat(onlyPasses.balanced()).isNaN();
        assertThat(onlyPasses.auroc()).isNaN();
    }

    @Test
    void onlyFlagsWithATruthAndAFiniteLogitAreScored() {
        assertThatThrownBy(() -> flag(0, Verdict.AMBIGUOUS, 1)).isInstanceOf(InlayException.class);
        assertThatThrownBy(() -> flag(0, Verdict.PASS, Double.NaN))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("NaN");
        assertThatThrownBy(() -> FlagMeasures.of(List.of())).isInstanceOf(InlayException.class);
    }
}
