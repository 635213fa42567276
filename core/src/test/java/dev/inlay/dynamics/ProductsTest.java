package dev.inlay.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProductsTest {
    @ParameterizedTest
    @CsvSource({"1, 1, 1", "8, 4, 256", "9, 5, 257", "17, 7, 600", "3, 300, 2"})
    void blocksAndRemaindersAreSummedOnce(int rows, int inner, int width) {
        Random random = new Random(rows);
        double[][] a = gaussian(rows, inner, random);
        double[][] b = gaussian(inner, width, random);
        double[][] out = gaussian(rows, width, random);
        Products.multiply(a, rows, b, inner, out, width);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < width; j++) {
                double sum = 0;
                for (int k = 0; k < inner; k++) {
                    sum += a[i][k] * b[k][j];
                }
                assertThat(out[i][j]).isCloseTo(sum, within(1e-12));
            }
        }
    }

    private static double[][] gaussian(int rows, int columns, Random random) {
        double[][] values = new double[rows][columns];
        for (double[] row : values) {
            Arrays.setAll(row, j -> random.nextGaussian());
        }
        return values;
    }
}
