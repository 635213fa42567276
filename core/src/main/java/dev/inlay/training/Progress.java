package dev.inlay.training;

/**
 * Where a run stands after a step: all that a resumed run needs besides the values and moments.
 *
 * @param step steps taken
 * @param tokens tokens read
 * @param targets tokens that carried loss
 * @param lastLoss mean loss per target of the last step, NaN before the first
 * @param bestLoss lowest evaluation loss, infinite before the first evaluation
 * @param bestStep the step of it, 0 before
 * @param stale evaluations since then
 */
public record Progress(int step, long tokens, long targets, double lastLoss, double bestLoss, int bestStep, int stale) {
    /** Before the first step. */
    public static final Progress START = new Progress(0, 0, 0, Double.NaN, Double.POSITIVE_INFINITY, 0, 0);

    Progress after(int newStep, long newTokens, long newTargets, double loss) {
        return new Progress(newStep, tokens + newTokens, targets + newTargets, loss, bestLoss, bestStep, stale);
    }

    Progress evaluated(double loss) {
        return loss < bestLoss
                ? new Progress(step, tokens, targets, lastLoss, loss, step, 0)
                : new Progress(step, tokens, targets, lastLoss, bestLoss, bestStep, stale + 1);
    }

    /** Whether the last evaluation was the best so far. */
    public boolean isBest() {
        return bestStep == step && step > 0;
    }
}
