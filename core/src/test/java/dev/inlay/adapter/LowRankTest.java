package dev.inlay.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Svd;
import dev.inlay.engine.Tensor;
import dev.inlay.testing.Golden;
import dev.inlay.testing.Seeds;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The algebra of factors against the dense matrices that they stand for, in float64. */
class LowRankTest {
    private static final double ROUNDING = 1e-12;

    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    /** Ranks above and below both sides, scales of either sign. */
    @TestFactory
    Stream<DynamicTest> algebraIsThatOfTheDenseMatrices() {
        return Seeds.each(20, random -> {
            try (Scope inner = Scope.open()) {
                int out = 1 + random.nextInt(12);
                int in = 1 + random.nextInt(12);
                LowRank a = random(random, out, in);
                LowRank b = random(random, out, in);
                requireEqual(a.dense().plus(b.dense()), a.plus(b).dense());
                requireEqual(a.dense().minus(b.dense()), a.minus(b).dense());
                requireEqual(a.dense().times(-0.3), a.times(-0.3).dense());
                requireEqual(a.dense(), a.unscaled().dense());
                assertThat(a.unscaled().scale()).isEqualTo(1);
                assertThat(a.plus(b).rank()).isEqualTo(a.rank() + b.rank());
                double product = a.dense().times(b.dense()).sum().item();
                assertThat(a.inner(b)).isCloseTo(product, within(ROUNDING * a.norm() * b.norm()));
                assertThat(a.cosine(b))
                        .isCloseTo(product / a.dense().norm() / b.dense().norm(), within(ROUNDING));
                assertThat(a.norm()).isCloseTo(a.dense().norm(), within(ROUNDING * a.norm()));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> singularValuesAreThoseOfTheDenseMatrix() {
        return Seeds.each(20, random -> {
            try (Scope inner = Scope.open()) {
                LowRank a = random(random, 1 + random.nextInt(12), 1 + random.nextInt(12));
                SingularDecomposition svd = a.svd();
                double[] dense = Svd.of(a.dense()).values().toDoubles();
                for (int i = 0; i < svd.spectrum().values().size(); i++) {
                    assertThat(svd.spectrum().values().get(i)).isCloseTo(dense[i], within(ROUNDING * dense[0]));
                }
                requireEqual(
                        a.dense(), svd.truncated(100, DType.FLOAT64).change().dense());
                assertThat(Math.sqrt(a.inner(a))).isCloseTo(svd.spectrum().norm(), within(ROUNDING * a.norm()));
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> compressionIsAsFarFromTheWholeAsItSays() {
        return Seeds.each(20, random -> {
            try (Scope inner = Scope.open()) {
                LowRank a = random(random, 4 + random.nextInt(9), 4 + random.nextInt(9));
                for (int rank = 1; rank <= 5; rank++) {
                    Approximation best = a.compressed(rank);
                    double error = a.dense().minus(best.change().dense()).norm() / a.norm();
                    assertThat(best.error()).isCloseTo(error, within(ROUNDING));
                    assertThat(best.change().rank()).isLessThanOrEqualTo(rank);
                    LowRank other = random(random, (int) a.out(), (int) a.in())
                            .compressed(rank)
                            .change();
                    assertThat(a.minus(other).norm()).isGreaterThanOrEqualTo(best.error() * a.norm() * (1 - ROUNDING));
                }
            }
        });
    }

    /** Differences of almost equal changes are small numbers of large factors. */
    @Test
    void normOfADifferenceKeepsItsDigits() {
        LowRank a = random(new Random(1), 9, 7);
        LowRank shifted = new LowRank(a.up(), a.down().times(1 + 1e-9), a.scale());
        assertThat(shifted.minus(a).norm()).isCloseTo(1e-9 * a.norm(), within(1e-6 * 1e-9 * a.norm()));
    }

    @Test
    void measuresOfAKnownSpectrumAreTheKnownNumbers() {
        Tensor identity = Tensor.of(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, 3, 3);
        Tensor diagonal = Tensor.of(new double[] {2, 0, 0, 0, -1, 0, 0, 0, 0}, 3, 3);
        Spectrum spectrum = new LowRank(identity, diagonal, -2).spectrum();
        assertThat(spectrum.values().get(0)).isCloseTo(4, within(ROUNDING));
        assertThat(spectrum.values().get(1)).isCloseTo(2, within(ROUNDING));
        assertThat(spectrum.spectralNorm()).isCloseTo(4, within(ROUNDING));
        assertThat(spectrum.norm()).isCloseTo(Math.sqrt(20), within(ROUNDING));
        assertThat(spectrum.rank()).isEqualTo(2);
        assertThat(spectrum.stableRank()).isCloseTo(20.0 / 16, within(ROUNDING));
        // p = 2/3, 1/3: exp(-2/3 ln 2/3 - 1/3 ln 1/3) = 3 / 2^(2/3)
        assertThat(spectrum.entropyRank()).isCloseTo(3 / Math.pow(2, 2.0 / 3), within(ROUNDING));
        assertThat(spectrum.energyShare(1)).isCloseTo(0.8, within(ROUNDING));
        assertThat(spectrum.error(1)).isCloseTo(Math.sqrt(0.2), within(ROUNDING));
        assertThat(List.of(spectrum.rankFor(0.8), spectrum.rankFor(0.81), spectrum.rankFor(1)))
                .containsExactly(1, 2, 2);
    }

    @Test
    void noChangeHasNoRankAndNoError() {
        LowRank nothing = random(new Random(3), 5, 4).times(0);
        assertThat(nothing.spectrum().stableRank()).isZero();
        assertThat(nothing.spectrum().entropyRank()).isZero();
        assertThat(nothing.compressed(1).error()).isZero();
        assertThat(nothing.cosine(nothing)).isZero();
        assertThat(nothing.spectrum().rankFor(0.9)).isEqualTo(1);
    }

    @Test
    void changesOfDifferentMapsDoNotAdd() {
        assertThatThrownBy(() -> random(new Random(1), 5, 4).plus(random(new Random(1), 4, 5)))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("from 4 to 5");
    }

    @Test
    void sumOfMixedElementTypesLosesNoDigit() {
        LowRank a = random(new Random(5), 6, 5);
        LowRank half = new LowRank(a.up().to(DType.FLOAT32), a.down().to(DType.FLOAT32), a.scale());
        requireEqual(a.dense().plus(wide(half).dense()), a.plus(half).dense());
    }

    private static LowRank wide(LowRank change) {
        return change.with(change.up().to(DType.FLOAT64), change.down().to(DType.FLOAT64));
    }

    private static LowRank random(Random random, int out, int in) {
        int rank = 1 + random.nextInt(6);
        return new LowRank(
                Tensor.normal(1, random.nextLong(), DType.FLOAT64, out, rank),
                Tensor.normal(1, random.nextLong(), DType.FLOAT64, rank, in),
                random.nextGaussian());
    }

    private static void requireEqual(Tensor expected, Tensor actual) {
        assertThat(expected.device()).isEqualTo(Device.CPU);
        assertThat(Golden.difference(expected, actual)).isLessThan(ROUNDING * (1 + expected.maxAbs()));
    }
}
