package dev.inlay.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AffinityTest {
    private static final int TOKENS = 30;
    private static final int D = 4;

    private static double[] gaussian(long seed) {
        Random random = new Random(seed);
        double[] x = new double[TOKENS * D];
        Arrays.setAll(x, i -> random.nextGaussian());
        return x;
    }

    /** Tokens along the axes of the space, so many along each. */
    private static Cosines axes(int... counts) {
        int n = Arrays.stream(counts).sum();
        double[] x = new double[n * counts.length];
        int token = 0;
        for (int axis = 0; axis < counts.length; axis++) {
            for (int k = 0; k < counts[axis]; k++) {
                x[token++ * counts.length + axis] = k + 1;
            }
        }
        return Cosines.of(x, counts.length);
    }

    @ParameterizedTest
    @ValueSource(doubles = {.1, 1, 5, 40})
    void rowsAndColumnsSumToOne(double beta) {
        double[] x = gaussian(1);
        Matrix scaled = new Affinity(beta).scaled(Cosines.of(x, D));
        for (int i = 0; i < TOKENS; i++) {
            assertThat(Arrays.stream(scaled.row(i)).sum()).isCloseTo(1, within(1e-12));
            assertThat(scaled.column(i)).isEqualTo(scaled.row(i));
        }
        // Scaling of rows and columns leaves all cross ratios of the kernel as they are.
        Cosines cosines = Cosines.of(x, D);
        double kernel = beta * (cosines.get(0, 1) + cosines.get(2, 3) - cosines.get(0, 3) - cosines.get(2, 1));
        double ratio = scaled.get(0, 1) * scaled.get(2, 3) / (scaled.get(0, 3) * scaled.get(2, 1));
        assertThat(Math.log(ratio)).isCloseTo(kernel, within(1e-10));
    }

    @Test
    void equalTokensAreACompleteGraph() {
        assertThat(new Affinity(5).fiedler(axes(12))).isCloseTo(1, within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-3, 1e-5, 1e-7, 1e-9})
    void almostEqualTokensAreAlmostACompleteGraph(double noise) {
        Random random = new Random(38 * 31 + 48);
        double[] almost = new double[38 * 48];
        double[] token = random.doubles(48, -1, 1).toArray();
        Arrays.setAll(almost, i -> token[i % 48] + noise * random.nextGaussian());
        double fiedler = new Affinity(5).fiedler(Cosines.of(almost, 48));
        // 1 - cosine is of the order of the squared noise.
        assertThat(fiedler).isCloseTo(1, within(100 * noise * noise + 1e-12));
    }

    @ParameterizedTest
    @ValueSource(doubles = {.5, 5, 20})
    void groupsAtRightAnglesHaveTheirClosedForm(double beta) {
        Affinity affinity = new Affinity(beta);
        double apart = Math.exp(-beta);
        assertThat(affinity.fiedler(axes(10, 10))).isCloseTo(2 * apart / (1 + apart), within(1e-12));
        assertThat(affinity.fiedler(axes(1, 1, 1, 1, 1, 1))).isCloseTo(6 * apart / (1 + 5 * apart), within(1e-12));
    }

    @Test
    void groupsThatFallApartHaveNoConnection() {
        assertThat(new Affinity(40).fiedler(axes(3, 17))).isCloseTo(0, within(1e-12));
        assertThat(new Affinity(1e6).fiedler(axes(3, 17))).isCloseTo(0, within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theOrderOfTokensDoesNotMatter(long seed) {
        double[] x = gaussian(seed);
        double[] turned = new double[x.length];
        for (int i = 0; i < TOKENS; i++) {
            System.arraycopy(x, i * D, turned, (i + 7) % TOKENS * D, D);
        }
        Affinity affinity = new Affinity(3);
        double fiedler = affinity.fiedler(Cosines.of(x, D));
        assertThat(fiedler).isBetween(.01, .99);
        assertThat(affinity.fiedler(Cosines.of(turned, D))).isCloseTo(fiedler, within(1e-12));
    }

    @Test
    void tokensWithoutADirectionHaveNoValue() {
        assertThat(new Affinity(1).fiedler(Cosines.of(new double[] {1, 0, 0, 0, 1, 1}, 2)))
                .isNaN();
        assertThatThrownBy(() -> new Affinity(0))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("was 0.0");
        assertThatThrownBy(() -> new Affinity(Double.POSITIVE_INFINITY)).isInstanceOf(InlayException.class);
    }
}
