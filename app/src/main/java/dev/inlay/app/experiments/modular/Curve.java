package dev.inlay.app.experiments.modular;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** What is measured while a model is tuned, by epoch. */
record Curve(List<Point> points) {
    /**
     * A moment.
     *
     * @param epoch steps taken before
     * @param addition accuracy over all pairs
     * @param trained accuracy of subtraction over the pairs that are tuned on; NaN where nothing is
     * @param held accuracy over the other pairs of subtraction; NaN where it was not measured
     * @param norm Frobenius norm of the change of Q, K and V of all blocks
     */
    record Point(int epoch, double addition, double trained, double held, double norm) {}

    Curve {
        points = List.copyOf(points);
    }

    /** Every epoch to 600, then every 30th, and the last. */
    static boolean isLogged(int epoch, int last) {
        return epoch <= 600 || epoch % 30 == 0 || epoch == last;
    }

    Point first() {
        return points.get(0);
    }

    Point last() {
        return points.get(points.size() - 1);
    }

    /**
     * Where the accuracy of addition first falls below a share of its first value, linear between points.
     *
     * @param along what is read there: epoch or norm
     */
    Fall fall(double share, ToDoubleFunction<Point> along) {
        double level = share * first().addition();
        for (int i = 1; i < points.size(); i++) {
            Point before = points.get(i - 1);
            Point after = points.get(i);
            if (after.addition() < level) {
                double part = (before.addition() - level) / (before.addition() - after.addition());
                double from = along.applyAsDouble(before);
                return new Fall(from + part * (along.applyAsDouble(after) - from), true);
            }
        }
        return new Fall(along.applyAsDouble(last()), false);
    }
}
