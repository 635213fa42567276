package dev.inlay.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class EigenvaluesTest {
    @Test
    void aRotationHasAComplexPairAndADiagonalItsEntries() {
        try (Scope scope = Scope.open()) {
            Tensor turn = Tensor.of(new double[] {0, -2, 0, 2, 0, 0, 0, 0, 5}, 3, 3);
            double[] values = Eigenvalues.of(turn).toDoubles();
            double product = 1;
            double sum = 0;
            for (int k = 0; k < 6; k += 2) {
                product *= Math.hypot(values[k], values[k + 1]);
                sum += values[k];
                assertThat(Math.abs(values[k + 1])).isCloseTo(values[k] > 1 ? 0 : 2, within(1e-12));
            }
            assertThat(product).isCloseTo(20, within(1e-12));
            assertThat(sum).isCloseTo(5, within(1e-12));
            assertThatThrownBy(() -> Eigenvalues.of(Tensor.zeros(DType.FLOAT64, Device.CPU, 2, 3)))
                    .isInstanceOf(EngineException.class);
        }
    }
}
