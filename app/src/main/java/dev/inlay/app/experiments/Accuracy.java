package dev.inlay.app.experiments;

/**
 * A share of right answers over several seeds.
 *
 * @param mean of the seeds
 * @param interval half of the width of the 95 % interval of the mean
 */
public record Accuracy(double mean, double interval) {
    /** @param each of the seeds, at least two */
    public static Accuracy of(double... each) {
        double mean = 0;
        double squares = 0;
        for (double one : each) {
            mean += one / each.length;
        }
        for (double one : each) {
            squares += (one - mean) * (one - mean);
        }
        int freedom = each.length - 1;
        return new Accuracy(mean, Student.quantile(freedom) * Math.sqrt(squares / freedom / each.length));
    }
}
