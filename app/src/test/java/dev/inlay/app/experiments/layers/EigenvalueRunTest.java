package dev.inlay.app.experiments.layers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.app.experiments.layers.EigenvalueRun.Eigen;
import dev.inlay.app.experiments.layers.EigenvalueRun.Moment;
import dev.inlay.engine.Eigenvalues;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Projection;
import dev.inlay.model.Site;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EigenvalueRunTest {
    private static final Site SQUARE = new Site(0, Projection.QUERY);

    private static Tensor gaussian(Random random, long rows, long columns) {
        double[] values = new double[(int) (rows * columns)];
        Arrays.setAll(values, i -> random.nextGaussian());
        return Tensor.of(values, rows, columns);
    }

    @Test
    void eigenvaluesAreThoseOfTheWholeChange() {
        try (Scope scope = Scope.open()) {
            Random random = new Random(4);
            LowRank change = new LowRank(gaussian(random, 9, 3), gaussian(random, 3, 9), -0.5);
            LowRank flat = new LowRank(gaussian(random, 4, 3), gaussian(random, 3, 9), 1);
            Moment moment =
                    Moment.of("some", 7, Adapter.of(Map.of(SQUARE, change, new Site(0, Projection.VALUE), flat)));
            assertThat(moment.values()).containsOnlyKeys(SQUARE);
            Eigen eigen = moment.values().get(SQUARE);
            double[] dense = Eigenvalues.of(change.dense()).toDoubles();
            double[] moduli = new double[9];
            Arrays.setAll(moduli, k -> -Math.hypot(dense[2 * k], dense[2 * k + 1]));
            Arrays.sort(moduli);
            for (int k = 0; k < 3; k++) {
                assertThat(eigen.effective(k)).isCloseTo(-moduli[k], within(1e-10));
                assertThat(eigen.values().get(k).modulus()).isCloseTo(-2 * moduli[k], within(1e-10));
            }
            assertThat(eigen.values()).hasSize(3);
            assertThat(eigen.effective(3)).isNaN();
        }
    }

    @Test
    void mapsThatAreNotSquareHaveNoEigenvalues() {
        try (Scope scope = Scope.open()) {
            Random random = new Random(4);
            Adapter flat = Adapter.of(Map.of(SQUARE, new LowRank(gaussian(random, 4, 2), gaussian(random, 2, 9), 1)));
            assertThatThrownBy(() -> Moment.of("some", 1, flat))
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("none of the 1 maps")
                    .hasMessageContaining("[4, 9]");
            assertThatThrownBy(() -> new EigenvalueRun(0, "model", List.of())).isInstanceOf(InlayException.class);
        }
    }
}
