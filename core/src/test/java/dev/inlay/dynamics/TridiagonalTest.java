package dev.inlay.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TridiagonalTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 20})
    void eigenvaluesAreThoseOfTheWholeDecomposition(int n) {
        Random random = new Random(n);
        double[] values = new double[n * n];
        Arrays.setAll(values, i -> random.nextGaussian());
        Matrix square = Matrix.of(n, n, values);
        Matrix symmetric = square.plus(square.transpose());
        Spectrum spectrum = symmetric.spectrum();
        Tridiagonal tridiagonal = Tridiagonal.of(symmetric);
        for (int k = 0; k < n; k++) {
            assertThat(tridiagonal.eigenvalue(k)).isCloseTo(spectrum.real(k), within(1e-12));
        }
    }

    @Test
    void equalEigenvaluesAndZerosAreCounted() {
        double[] ones = {1, 1, 1, 1};
        Tridiagonal rankOne = Tridiagonal.of(Matrix.outer(ones, ones));
        assertThat(rankOne.eigenvalue(0)).isCloseTo(4, within(1e-14));
        assertThat(rankOne.eigenvalue(1)).isCloseTo(0, within(1e-14));
        assertThat(rankOne.eigenvalue(3)).isCloseTo(0, within(1e-14));
        Tridiagonal pairs = Tridiagonal.of(Matrix.diagonal(-2, 3, 3, -2));
        assertThat(pairs.eigenvalue(1)).isCloseTo(3, within(1e-14));
        assertThat(pairs.eigenvalue(2)).isCloseTo(-2, within(1e-14));
        assertThat(Tridiagonal.of(Matrix.zero(3, 3)).eigenvalue(1)).isZero();
    }
}
