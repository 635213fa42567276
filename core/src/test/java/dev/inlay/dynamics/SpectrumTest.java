package dev.inlay.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.hipparchus.exception.MathIllegalStateException;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.junit.jupiter.api.Test;

class SpectrumTest {
    /** All six are real, says numpy; the decomposition underneath gives 0.834 +- 0.118 i for the first two. */
    @Test
    void realPairsAreNotTakenForComplexOnes() {
        Matrix value = Matrix.diagonal(1, .7, .6, .5, .4, .3);
        Mersenne random = Mersenne.ofRun(31, 54);
        LowRankChange change = LowRankChange.gaussian(6, 1, 1, random).withNorm(.02 + .2 * random.uniform());
        Matrix matrix = value.plus(change.matrix());
        Spectrum spectrum = matrix.spectrum();
        double[] numpy = {.95191767, .71655931, .61077736, .50398345, .43123558, .33196727};
        for (int k = 0; k < 6; k++) {
            assertThat(spectrum.real(k)).isCloseTo(numpy[k], within(6e-9));
            assertThat(spectrum.imaginary(k)).isZero();
            double[] vector = spectrum.vector(k);
            double[] image = matrix.apply(vector);
            for (int i = 0; i < 6; i++) {
                assertThat(image[i]).isCloseTo(spectrum.real(k) * vector[i], within(1e-9));
            }
        }
    }

    @Test
    void complexPairsStayComplex() {
        Spectrum spectrum = Matrix.of(new double[][] {{.3, -1.1}, {.7, .2}}).spectrum();
        assertThat(spectrum.isReal()).isFalse();
        assertThat(spectrum.real(0)).isCloseTo(.25, within(1e-12));
        assertThat(Math.abs(spectrum.imaginary(0))).isCloseTo(Math.sqrt(.77 - .0025), within(1e-12));
    }

    /** The kernel of 80 tokens on a circle: nearly of low rank, and the iteration of Hipparchus 4.0.3 does not end for it. */
    @Test
    void symmetricMatricesOfNearlyLowRankHaveTheirSpectrum() {
        int n = 80;
        double[] angles = new Random(2).doubles(n, 0, 2 * Math.PI).toArray();
        double[] values = new double[n * n];
        Arrays.setAll(values, k -> Math.exp(4 * (Math.cos(angles[k / n] - angles[k % n]) - 1)) / n);
        Matrix kernel = Matrix.of(n, n, values);
        assertThatThrownBy(() -> new EigenDecompositionSymmetric(kernel.real()))
                .isInstanceOf(MathIllegalStateException.class);
        Spectrum spectrum = kernel.spectrum();
        Matrix vectors = spectrum.vectors();
        Matrix diagonal = Matrix.diagonal(
                IntStream.range(0, n).mapToDouble(spectrum::real).toArray());
        assertThat(vectors.times(diagonal)
                        .times(vectors.transpose())
                        .minus(kernel)
                        .frobenius())
                .isLessThan(1e-13);
        assertThat(vectors.transpose().times(vectors).minus(Matrix.identity(n)).frobenius())
                .isLessThan(1e-12);
    }

    @Test
    void theExponentialIsThatOfTheRotation() {
        Matrix turn = Matrix.of(new double[][] {{0, -2}, {2, 0}}).exp();
        assertThat(turn.get(0, 0)).isCloseTo(Math.cos(2), within(1e-12));
        assertThat(turn.get(1, 0)).isCloseTo(Math.sin(2), within(1e-12));
        Matrix root = Matrix.of(new double[][] {{2, 1}, {1, 2}}).root();
        assertThat(root.times(root).get(0, 1)).isCloseTo(1, within(1e-12));
    }
}
