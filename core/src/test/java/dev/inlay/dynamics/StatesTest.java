package dev.inlay.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import org.junit.jupiter.api.Test;

class StatesTest {
    /** Two orthogonal groups: three tokens along one axis, two along another, of any length. */
    private static final double[] GROUPS = {1, 0, 2, 0, .5, 0, 0, 3, 0, 1};

    @Test
    void cosinesOfTwoOrthogonalGroups() {
        Cosines cosines = Cosines.of(GROUPS, 2);
        // 3 + 1 of 10 pairs are parallel, the others orthogonal.
        assertThat(cosines.mean()).isCloseTo(.4, within(1e-15));
        assertThat(cosines.median()).isZero();
        assertThat(cosines.from(1).mean()).isCloseTo(2 / 6.0, within(1e-15));
        double[] histogram = cosines.histogram(4);
        assertThat(histogram).containsExactly(new double[] {0, 0, .6, .4}, within(1e-12));
        assertThat(Clusters.byCosine(cosines, .9)).isEqualTo(Clusters.byCosine(GROUPS, 2, .9));
        assertThat(Clusters.byCosine(cosines, .9).count()).isEqualTo(2);
    }

    @Test
    void aResampleLeavesOutATokenWithItsOwnCopy() {
        Cosines cosines = Cosines.of(GROUPS, 2);
        // Tokens 0, 0, 3: no pair but the two of 0 and 3.
        assertThat(cosines.mean(new int[] {2, 0, 0, 1, 0})).isZero();
        assertThat(cosines.mean(new int[] {2, 1, 0, 0, 0})).isEqualTo(1);
        assertThat(cosines.mean(new int[] {5, 0, 0, 0, 0})).isNaN();
        assertThat(cosines.mean(new int[] {1, 1, 1, 1, 1})).isEqualTo(cosines.mean());
    }

    @Test
    void nearestTokensAreTheSameAfterARotationAndNotAfterAnExchange() {
        double[] fan = {1, 0, 1, .1, 1, 1, .9, 1};
        double[] turned = {0, 1, -.1, 1, -1, 1, -1, .9};
        double[] exchanged = {1, 0, 1, 1, 1, .1, .9, 1};
        Cosines first = Cosines.of(fan, 2);
        assertThat(first.nearest()).containsExactly(1, 0, 3, 2);
        assertThat(first.sharedNearest(Cosines.of(turned, 2))).isEqualTo(1);
        assertThat(first.sharedNearest(Cosines.of(exchanged, 2))).isZero();
        assertThatThrownBy(() -> Cosines.of(new double[] {1, 2}, 2))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("found 1");
    }

    @Test
    void centredStatesHaveNoMeanAndEqualOnesNoDirection() {
        double[] centred = States.centred(GROUPS, 2);
        for (int k = 0; k < 2; k++) {
            double sum = 0;
            for (int i = 0; i < 5; i++) {
                sum += centred[i * 2 + k];
            }
            assertThat(sum).isCloseTo(0, within(1e-14));
        }
        double[] equal = States.centred(new double[] {1, 2, 1 + 1e-7, 2, 1, 2}, 2);
        assertThat(equal).containsOnly(0);
        assertThat(Cosines.of(equal, 2).mean()).isNaN();
        assertThat(States.unit(new double[] {3, 4, 0, 0}, 2)).containsExactly(.6, .8, 0, 0);
    }

    @Test
    void alignmentIsOneForTurnedScaledMovedCopiesAndSmallForOthers() {
        double[] moved = new double[GROUPS.length];
        for (int i = 0; i < 5; i++) {
            moved[i * 2] = 5 - 3 * GROUPS[i * 2 + 1];
            moved[i * 2 + 1] = 7 + 3 * GROUPS[i * 2];
        }
        assertThat(States.alignment(GROUPS, moved, 2)).isCloseTo(1, within(1e-12));
        // Centred (-1, 0, 1) and (1, -2, 1): orthogonal, so the kernels share nothing.
        assertThat(States.alignment(new double[] {-1, 0, 1}, new double[] {1, -2, 1}, 1))
                .isCloseTo(0, within(1e-15));
    }

    @Test
    void driftIsRelativeToEachToken() {
        assertThat(States.drift(new double[] {3, 4, 0, 2}, new double[] {3, 9, 0, 2}, 2))
                .containsExactly(1, 0);
        assertThatThrownBy(() -> States.drift(new double[2], new double[4], 2)).isInstanceOf(InlayException.class);
    }

    @Test
    void clustersMergeAndAreBorn() {
        Clusters three = new Clusters(new int[] {0, 0, 1, 1, 2, 2}, 3);
        Clusters two = new Clusters(new int[] {0, 0, 0, 0, 1, 1}, 2);
        assertThat(Succession.of(three, two)).isEqualTo(new Succession(0, 1, 0));
        assertThat(Succession.of(two, three)).isEqualTo(new Succession(1, 0, 0));
        assertThat(Succession.of(three, three)).isEqualTo(new Succession(0, 0, 0));
        // One comes off the first while the others merge.
        Clusters other = new Clusters(new int[] {0, 1, 2, 2, 2, 2}, 3);
        assertThat(Succession.of(three, other)).isEqualTo(new Succession(1, 1, 0));
    }

    @Test
    void clustersDieInNoiseAndAreBornOutOfIt() {
        Clusters two = new Clusters(new int[] {0, 0, 0, 1, 1, 1, -1, -1, -1}, 2);
        assertThat(two.noise()).isEqualTo(3);
        // The first stays, the second becomes noise, and the former noise a cluster.
        Clusters other = new Clusters(new int[] {0, 0, -1, -1, -1, -1, 1, 1, 1}, 2);
        assertThat(Succession.of(two, other)).isEqualTo(new Succession(1, 0, 1));
        // One token of three in a cluster is not most of them; one of two is as many as are noise.
        Clusters stray = new Clusters(new int[] {0, 0, 0, 0, -1, -1, -1, -1, -1}, 1);
        assertThat(Succession.of(two, stray)).isEqualTo(new Succession(0, 0, 1));
        Clusters half = new Clusters(new int[] {0, 0, 0, 0, 0, -1, -1, -1, -1}, 1);
        assertThat(Succession.of(two, half)).isEqualTo(new Succession(0, 1, 0));
        Clusters none = new Clusters(new int[] {-1, -1, -1, -1, -1, -1, -1, -1, -1}, 0);
        assertThat(Succession.of(two, none)).isEqualTo(new Succession(0, 0, 2));
        assertThat(Succession.of(none, two)).isEqualTo(new Succession(2, 0, 0));
    }

    @Test
    void chordsAreExactBetweenEqualTokensAndKnowNoLength() {
        Matrix chords = States.chords(new double[] {1, 0, 0, 3, 2, 0, 0, 0, .1, .3, .1, .3}, 2);
        assertThat(chords.get(0, 1)).isCloseTo(Math.sqrt(2), within(1e-15));
        assertThat(chords.get(0, 2)).isZero();
        assertThat(chords.get(4, 5)).isZero();
        // 2 (1 - cosine), and no direction is 1 from every other.
        assertThat(chords.get(0, 4)).isCloseTo(Math.sqrt(2 * (1 - 1 / Math.sqrt(10))), within(1e-15));
        assertThat(chords.get(3, 1)).isEqualTo(1);
        assertThat(chords.isSymmetric()).isTrue();
    }

    @Test
    void aRankHasTheToleranceOfTheMatrixsPrecision() {
        double[] singular = {1, 1e-5, 1e-9};
        assertThat(Ranks.numerical(singular, 100, 10)).isEqualTo(3);
        assertThat(Ranks.numerical(singular, 100, 10, 0x1p-23)).isEqualTo(1);
        assertThat(Ranks.numerical(singular, 10, 10, 0x1p-23)).isEqualTo(2);
    }

    @Test
    void theGapCriterionTakesTheSymmetricPartAndSaysSo() {
        Matrix turned = Matrix.of(new double[][] {{2, 1}, {-1, 1}});
        Matrix change = Matrix.of(new double[][] {{.1, .2}, {.2, .3}});
        double[] start = {1, 0, 1, .1};
        GapCriterion whole = GapCriterion.ofSymmetricPart(new Head(turned, turned), change, start);
        assertThat(whole.gap()).isCloseTo(1, within(1e-12));
        assertThat(whole.along()).isCloseTo(.1, within(1e-12));
        assertThat(whole.aside()).isCloseTo(.2, within(1e-12));
        assertThat(whole.rest()).isCloseTo(.3, within(1e-12));
        assertThat(whole.isMet()).isTrue();
        assertThat(whole.hypotheses().get(0)).isEqualTo(Hypothesis.of("V is symmetric", false));
        Matrix symmetric = Matrix.diagonal(2, 1);
        assertThat(GapCriterion.ofSymmetricPart(new Head(symmetric, symmetric), change, start)
                        .hypotheses())
                .allMatch(each -> each.truth() == Hypothesis.Truth.TRUE)
                .hasSize(4);
    }
}
