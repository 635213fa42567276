package dev.inlay.model.generation;

import java.util.function.DoubleUnaryOperator;

/**
 * The last of the greatest values that together weigh enough, found by partition in expected linear time: a vocabulary
 * need not be sorted to keep its best tokens.
 *
 * @param value the least value inside
 * @param count how many of the entries equal to {@code value} are needed
 */
record Edge(double value, int count) {
    /**
     * @param values the first {@code count}, at least one, are reordered
     * @param enough weight to reach; the least value is the edge where all together do not reach it
     * @param weight of a value, not negative
     */
    static Edge of(double[] values, int count, double enough, DoubleUnaryOperator weight) {
        int from = 0;
        int to = count;
        double above = 0;
        while (true) {
            double pivot = middle(values[from], values[(from + to) >>> 1], values[to - 1]);
            int greater = from;
            int end = to;
            double heavy = 0;
            double pivots = weight.applyAsDouble(pivot);
            for (int i = from; i < end; ) {
                double value = values[i];
                if (value > pivot) {
                    heavy += weight.applyAsDouble(value);
                    values[i++] = values[greater];
                    values[greater++] = value;
                } else if (value < pivot) {
                    values[i] = values[--end];
                    values[end] = value;
                } else {
                    i++;
                }
            }
            int equal = end - greater;
            if (greater > from && above + heavy >= enough) {
                to = greater;
            } else if (end == to || above + heavy + equal * pivots >= enough) {
                return new Edge(pivot, needed(enough - above - heavy, pivots, equal));
            } else {
                above += heavy + equal * pivots;
                from = end;
            }
        }
    }

    private static int needed(double missing, double each, int available) {
        double count = each > 0 ? Math.ceil(missing / each) : available;
        return (int) Math.max(1, Math.min(available, count));
    }

    private static double middle(double a, double b, double c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }
}
