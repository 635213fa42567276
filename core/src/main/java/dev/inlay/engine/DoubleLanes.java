package dev.inlay.engine;

import java.util.Arrays;

/** {@link Lanes} of float64. */
final class DoubleLanes extends Lanes {
    /** An array for each row: the virtual machine makes no vector loops of offsets into one array, which might overlap. */
    private final double[][] rows;

    private DoubleLanes(double[][] rows) {
        this.rows = rows;
    }

    static DoubleLanes copyOf(double[] values, int lanes) {
        double[][] rows = new double[values.length / lanes][];
        Arrays.setAll(rows, row -> Arrays.copyOfRange(values, row * lanes, (row + 1) * lanes));
        return new DoubleLanes(rows);
    }

    @Override
    Lanes zeros(int count) {
        return new DoubleLanes(new double[count][rows[0].length]);
    }

    @Override
    void addProduct(int to, double factor, Lanes left, int i, Lanes right, int j) {
        add(rows[to], factor, ((DoubleLanes) left).rows[i], ((DoubleLanes) right).rows[j]);
    }

    private static void add(double[] sum, double factor, double[] left, double[] right) {
        for (int e = 0; e < sum.length; e++) {
            sum[e] += factor * left[e] * right[e];
        }
    }

    @Override
    void softmax(int first, int count) {
        for (int e = 0; e < rows[first].length; e++) {
            double greatest = rows[first][e];
            for (int j = first; j < first + count; j++) {
                greatest = Math.max(greatest, rows[j][e]);
            }
            double sum = 0;
            for (int j = first; j < first + count; j++) {
                rows[j][e] = Math.exp(rows[j][e] - greatest);
                sum += rows[j][e];
            }
            for (int j = first; j < first + count; j++) {
                rows[j][e] /= sum;
            }
        }
    }

    @Override
    Tensor tensor(long... shape) {
        int lanes = rows[0].length;
        double[] values = new double[rows.length * lanes];
        for (int row = 0; row < rows.length; row++) {
            System.arraycopy(rows[row], 0, values, row * lanes, lanes);
        }
        return Tensor.of(values, shape);
    }
}
