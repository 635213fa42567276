package dev.inlay.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExponentialTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 63, 64, 255, 257, 4000})
    void isWithinTwoUnitsInTheLastPlace(int count) {
        Random random = new Random(count);
        double[] x = new double[count + 1];
        Arrays.setAll(x, j -> -random.nextDouble() * (j % 3 == 0 ? 1e-3 : j % 3 == 1 ? 20 : 750));
        double[] before = x.clone();
        Exponential.of(x, count);
        for (int j = 0; j < count; j++) {
            double exact = StrictMath.exp(before[j]);
            assertThat(x[j]).isCloseTo(exact, within(2 * Math.ulp(exact)));
        }
        assertThat(x[count]).isEqualTo(before[count]);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 100})
    void theEndsOfTheRange(int count) {
        double[] ends = {0, -0.0, Double.NEGATIVE_INFINITY, -1e300, Double.NaN};
        double[] x = new double[count];
        System.arraycopy(ends, 0, x, 0, ends.length);
        Exponential.of(x, count);
        assertThat(Arrays.copyOf(x, ends.length)).containsExactly(1, 1, 0, 0, Double.NaN);
    }
}
