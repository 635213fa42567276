package dev.inlay.app.experiments.world;

/**
 * A share of right answers over several seeds.
 *
 * @param mean of the seeds
 * @param interval half of the width of the 95 % interval of the mean
 */
public record Accuracy(double mean, double interval) {
    /** 97.5 % point of Student's t distribution with 4 degrees of freedom. */
    private static final double T = 2.776;

    /** @param each of the seeds, five of them */
    static Accuracy of(double[] each) {
        double mean = 0;
        double squares = 0;
        for (double one : each) {
            mean += one / each.length;
        }
        for (double one : each) {
            squares += (one - mean) * (one - mean);
        }
        return new Accuracy(mean, T * Math.sqrt(squares / (each.length - 1) / each.length));
    }
}
