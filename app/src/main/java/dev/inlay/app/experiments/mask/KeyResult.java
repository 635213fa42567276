package dev.inlay.app.experiments.mask;

import dev.inlay.app.experiments.Accuracy;
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
    public KeyResult {
        accuracies = List.copyOf(accuracies);
        areas = List.copyOf(areas);
    }

    /** Balanced accuracy over the seeds. */
    public Accuracy accuracy() {
        return of(accuracies);
    }

    /** Area under the ROC curve over the seeds. */
    public Accuracy area() {
        return of(areas);
    }

    private static Accuracy of(List<Double> values) {
        return Accuracy.of(values.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
