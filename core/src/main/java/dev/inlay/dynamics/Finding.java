package dev.inlay.dynamics;

import java.util.List;
import java.util.Locale;

/**
 * What a checker found about a statement.
 *
 * @param statement its name and content
 * @param hypotheses its conditions, each with its truth
 * @param quantity what was measured
 * @param value of it
 * @param bound that the statement puts above the value; NaN where the statement is only reported
 */
public record Finding(String statement, List<Hypothesis> hypotheses, String quantity, double value, double bound) {
    public Finding {
        hypotheses = List.copyOf(hypotheses);
    }

    /** What follows from value and bound. */
    public enum Verdict {
        /** All conditions are true and the bound is kept. */
        HOLDS,
        /** All conditions are true and the bound is not kept: an error of ours or of the statement. */
        VIOLATED,
        /** A condition is false or unknown, so nothing is claimed. */
        NOT_APPLICABLE,
        /** An open question: the value stands for itself. */
        REPORTED
    }

    public Verdict verdict() {
        if (Double.isNaN(bound)) {
            return Verdict.REPORTED;
        }
        if (hypotheses.stream().anyMatch(each -> each.truth() != Hypothesis.Truth.TRUE)) {
            return Verdict.NOT_APPLICABLE;
        }
        return value <= bound ? Verdict.HOLDS : Verdict.VIOLATED;
    }

    /** Bound less value. */
    public double margin() {
        return bound - value;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "%s: %s; %s = %.6g, bound %.6g", statement, verdict(), quantity, value, bound);
    }
}
