package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleToIntFunction;
import java.util.function.DoubleUnaryOperator;

/**
 * When a function of time is first or last on one side of a level. Times are sampled, then found by halving; a crossing
 * counts when the function stays on that side for {@code hold}. What never happens is empty, never 0.
 *
 * @param resolution distance of samples; shorter visits may be missed
 * @param hold how long the function must stay
 */
public record Crossing(double resolution, double hold) {
    private static final int HALVINGS = 60;

    public Crossing {
        require(resolution > 0 && hold >= 0, "resolution %s must be above 0, hold %s not below", resolution, hold);
    }

    private OptionalDouble first(DoubleUnaryOperator f, boolean above, double level, double from, double until) {
        long count = (long) Math.ceil((until - from) / resolution);
        double before = from;
        for (long k = 0; k <= count; k++) {
            double t = Math.min(until, from + k * resolution);
            if (isBeyond(f.applyAsDouble(t), above, level)) {
                double crossing = k == 0 ? t : root(f, above, level, before, t);
                if (stays(f, above, level, t, until)) {
                    return OptionalDouble.of(crossing);
                }
            }
            before = t;
        }
        return OptionalDouble.empty();
    }

    /** First time at which f is above the level and stays. */
    public OptionalDouble firstAbove(DoubleUnaryOperator f, double level, double from, double until) {
        return first(f, true, level, from, until);
    }

    /** First time at which f is below the level and stays. */
    public OptionalDouble firstBelow(DoubleUnaryOperator f, double level, double from, double until) {
        return first(f, false, level, from, until);
    }

    /** Last time at which f is above the level; empty where it never is, {@code until} where it is at the end. */
    public OptionalDouble lastAbove(DoubleUnaryOperator f, double level, double from, double until) {
        long count = (long) Math.ceil((until - from) / resolution);
        double after = until;
        for (long k = count; k >= 0; k--) {
            double t = Math.min(until, from + k * resolution);
            if (f.applyAsDouble(t) > level) {
                return OptionalDouble.of(t == until ? until : root(f, false, level, t, after));
            }
            after = t;
        }
        return OptionalDouble.empty();
    }

    /** A change of a count from one value to another. */
    public record Change(double time, int before, int after) {}

    /** All changes of a count, those between two samples taken as one; a value that does not stay for {@code hold} is none. */
    public List<Change> changes(DoubleToIntFunction f, double from, double until) {
        List<Change> changes = new ArrayList<>();
        long count = (long) Math.ceil((until - from) / resolution);
        int value = f.applyAsInt(from);
        double before = from;
        for (long k = 1; k <= count; k++) {
            double t = Math.min(until, from + k * resolution);
            int now = f.applyAsInt(t);
            int known = value;
            if (now != known && stays(x -> f.applyAsInt(x) == now ? 1 : 0, true, 0.5, t, until)) {
                double time = root(x -> f.applyAsInt(x) == known ? 0 : 1, true, 0.5, before, t);
                changes.add(new Change(time, known, now));
                value = now;
            }
            before = t;
        }
        return changes;
    }

    private boolean stays(DoubleUnaryOperator f, boolean above, double level, double from, double until) {
        for (double t = from; t <= Math.min(until, from + hold); t += resolution) {
            if (!isBeyond(f.applyAsDouble(t), above, level)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isBeyond(double value, boolean above, double level) {
        return above ? value > level : value < level;
    }

    /** Where f changes to the side asked for, between a time before and one after. */
    static double root(DoubleUnaryOperator f, boolean above, double level, double before, double after) {
        double low = before;
        double high = after;
        for (int k = 0; k < HALVINGS && high - low > Math.ulp(high); k++) {
            double middle = low + (high - low) / 2;
            if (isBeyond(f.applyAsDouble(middle), above, level)) {
                high = middle;
            } else {
                low = middle;
            }
        }
        return high;
    }
}
