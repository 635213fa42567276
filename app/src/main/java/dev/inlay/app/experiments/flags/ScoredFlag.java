package dev.inlay.app.experiments.flags;

import static dev.inlay.InlayException.require;

/**
 * A row whose right flag is known, and what a model says of it.
 *
 * @param task rows of one task are no independent observations: they are drawn together when intervals are estimated
 * @param truth PASS or FAIL
 * @param logit {@code log p(FAIL) - log p(PASS)}; the model says FAIL where it is positive
 */
public record ScoredFlag(String task, Verdict truth, double logit) {
    public ScoredFlag {
        require(truth != Verdict.AMBIGUOUS, "a row is scored against PASS or FAIL, not against %s", truth);
        require(Double.isFinite(logit), "a flag logit must be finite, was %s", logit);
    }
}
