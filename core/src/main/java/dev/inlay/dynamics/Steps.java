package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjDoubleConsumer;

/** States at equal distances in time, on straight lines between. */
public final class Steps implements Path {
    private final double start;
    private final double h;
    private final List<double[]> states;

    private Steps(double start, double h, List<double[]> states) {
        this.start = start;
        this.h = h;
        this.states = states;
    }

    /**
     * Runs a flow in steps of size h, keeping each state.
     *
     * @throws InlayException when a state is not finite: time, step and number in it
     */
    public static Steps run(Flow flow, Scheme scheme, double[] state, double start, double h, int count) {
        List<double[]> states = new ArrayList<>(count + 1);
        visit(flow, scheme, state, start, h, count, (each, t) -> states.add(each.clone()));
        return new Steps(start, h, states);
    }

    /**
     * Runs a flow in steps of size h and shows each state, the first one too; nothing is kept.
     *
     * @return the last state
     */
    public static double[] visit(
            Flow flow,
            Scheme scheme,
            double[] state,
            double start,
            double h,
            int count,
            ObjDoubleConsumer<double[]> each) {
        require(h > 0 && count >= 0, "steps have a size above 0 and a number of at least 0, found %s and %d", h, count);
        require(state.length == flow.size(), "the state must have %d numbers, found %d", flow.size(), state.length);
        double[] now = state.clone();
        each.accept(now, start);
        for (int k = 0; k < count; k++) {
            // Times are products, so that rounding does not add up.
            scheme.advance(flow, start + k * h, h, now);
            requireFinite(now, start + (k + 1) * h, k + 1);
            each.accept(now, start + (k + 1) * h);
        }
        return now;
    }

    static void requireFinite(double[] state, double t, long step) {
        for (int i = 0; i < state.length; i++) {
            if (!Double.isFinite(state[i])) {
                throw InlayException.diverged(
                        "number %d of the state is %s at time %s (step %d); use smaller steps, rescaled tokens or a"
                                + " shorter time",
                        i, state[i], t, step);
            }
        }
    }

    public int count() {
        return states.size() - 1;
    }

    /** Time of a step, from 0 on. */
    public double time(int step) {
        return start + step * h;
    }

    public double[] state(int step) {
        return states.get(step).clone();
    }

    @Override
    public double step() {
        return h;
    }

    @Override
    public double start() {
        return start;
    }

    @Override
    public double end() {
        return time(count());
    }

    @Override
    public double[] at(double t) {
        double place = Math.max(0, Math.min(count(), (t - start) / h));
        int below = Math.min((int) place, Math.max(0, count() - 1));
        double share = place - below;
        double[] state = states.get(below).clone();
        if (share > 0) {
            double[] next = states.get(below + 1);
            for (int i = 0; i < state.length; i++) {
                state[i] += share * (next[i] - state[i]);
            }
        }
        return state;
    }
}
