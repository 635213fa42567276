package dev.inlay.engine;

import java.util.Arrays;

/** {@link Lanes} of float32. */
final class FloatLanes extends Lanes {
    /** An array for each row: the virtual machine makes no vector loops of offsets into one array, which might overlap. */
    private final float[][] rows;

    private FloatLanes(float[][] rows) {
        this.rows = rows;
    }

    static FloatLanes copyOf(float[] values, int lanes) {
        float[][] rows = new float[values.length / lanes][];
        Arrays.setAll(rows, row -> Arrays.copyOfRange(values, row * lanes, (row + 1) * lanes));
        return new FloatLanes(rows);
    }

    @Override
    Lanes zeros(int count) {
        return new FloatLanes(new float[count][rows[0].length]);
    }

    @Override
    void addProduct(int to, double factor, Lanes left, int i, Lanes right, int j) {
        add(rows[to], (float) factor, ((FloatLanes) left).rows[i], ((FloatLanes) right).rows[j]);
    }

    private static void add(float[] sum, float factor, float[] left, float[] right) {
        for (int e = 0; e < sum.length; e++) {
            sum[e] += factor * left[e] * right[e];
        }
    }

    @Override
    void softmax(int first, int count) {
        for (int e = 0; e < rows[first].length; e++) {
            float greatest = rows[first][e];
            for (int j = first; j < first + count; j++) {
                greatest = Math.max(greatest, rows[j][e]);
            }
            float sum = 0;
            for (int j = first; j < first + count; j++) {
                rows[j][e] = (float) Math.exp(rows[j][e] - greatest);
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
        float[] values = new float[rows.length * lanes];
        for (int row = 0; row < rows.length; row++) {
            System.arraycopy(rows[row], 0, values, row * lanes, lanes);
        }
        return Tensor.of(values, shape);
    }
}
