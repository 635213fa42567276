package dev.inlay.app.experiments.mask;

import dev.inlay.app.experiments.world.Register;
import java.util.List;

/**
 * How well an arm flags the chats of one register.
 *
 * @param rate the learning rate that was best on the rows to choose by
 * @param accuracies balanced accuracy on new rows, one for each seed, 0 to 1
 * @param areas area under the ROC curve of the flag logit, likewise
 */
public record KeyResult(Register register, Arm arm, double rate, List<Double> accuracies, List<Double> areas) {
    /** 97.5 % points of Student's t distribution with 1 to 9 degrees of freedom; beyond, that of the normal one. */
    private static final double[] T = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262};

    private static final double NORMAL = 1.96;

    public KeyResult {
        accuracies = List.copyOf(accuracies);
        areas = List.copyOf(areas);
    }

    /** Mean balanced accuracy. */
    public double accuracy() {
        return mean(accuracies);
    }

    /** Half of the width of the 95 % interval of the mean balanced accuracy over seeds. */
    public double interval() {
        int degrees = accuracies.size() - 1;
        double mean = accuracy();
        double squares = accuracies.stream()
                .mapToDouble(each -> (each - mean) * (each - mean))
                .sum();
        double t = degrees <= T.length ? T[degrees - 1] : NORMAL;
        return t * Math.sqrt(squares / degrees / accuracies.size());
    }

    /** Mean area under the ROC curve. */
    public double area() {
        return mean(areas);
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }
}
