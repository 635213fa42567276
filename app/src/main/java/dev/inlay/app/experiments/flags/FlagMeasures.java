package dev.inlay.app.experiments.flags;

import java.util.List;

/**
 * How well flags are told apart; not a number (NaN) where a class has no row.
 *
 * @param fails rows that must be flagged FAIL
 * @param passes rows that must be flagged PASS
 * @param failRight share of the fails whose logit is positive, 0 to 1
 * @param passRight share of the passes whose logit is not positive, 0 to 1
 * @param auroc area under the receiver operating characteristic of the logit: the probability that a random fail has a
 *     larger logit than a random pass, ties counted half (the statistic of Mann and Whitney)
 */
public record FlagMeasures(long fails, long passes, double failRight, double passRight, double auroc) {

    /** Of at least one row. */
    public static FlagMeasures of(List<ScoredFlag> flags) {
        return new SortedFlags(flags).once();
    }

    /** Balanced accuracy: the mean of both shares. */
    public double balanced() {
        return (failRight + passRight) / 2;
    }
}
