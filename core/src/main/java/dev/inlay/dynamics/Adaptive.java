package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import java.util.Arrays;
import org.hipparchus.exception.MathIllegalArgumentException;
import org.hipparchus.exception.MathIllegalStateException;
import org.hipparchus.ode.DenseOutputModel;
import org.hipparchus.ode.ODEState;
import org.hipparchus.ode.ODEStateAndDerivative;
import org.hipparchus.ode.OrdinaryDifferentialEquation;
import org.hipparchus.ode.events.Action;
import org.hipparchus.ode.events.ODEStepEndHandler;
import org.hipparchus.ode.nonstiff.DormandPrince853Integrator;

/**
 * Steps of adapted size (DOP853; Hairer, Norsett and Wanner 1993) with a dense output, so that events are found to the
 * tolerance. Near a switch of leaders the right-hand side is almost discontinuous; the error estimate refuses steps until
 * one ends beside it.
 *
 * @param relative tolerance
 * @param absolute tolerance
 */
public record Adaptive(double relative, double absolute) {
    /** For numbers that others are compared with. */
    public static final Adaptive REFERENCE = new Adaptive(1e-11, 1e-13);

    /** For ordinary use. */
    public static final Adaptive DEFAULT = new Adaptive(1e-8, 1e-10);

    private static final double LEAST_STEP = 1e-14;

    /** Evaluations of the drift that any run may take, and numbers in the states of all of them: steps are kept. */
    private static final int EVALUATIONS = 12_000;

    private static final int NUMBERS = 10_000_000;

    public Adaptive {
        require(
                relative > 0 && absolute > 0 && relative < 1,
                "tolerances must be above 0 and the relative one below 1, were %s and %s",
                relative,
                absolute);
    }

    /**
     * Runs a flow from time {@code start} to {@code end}.
     *
     * @throws InlayException when the drift is not finite, no step is small enough, or the steps are too many, as where the
     *     drift jumps to and fro: time and cause in it
     */
    public Path run(Flow flow, double[] state, double start, double end) {
        require(end > start, "the end %s must lie after the start %s", end, start);
        DormandPrince853Integrator integrator =
                new DormandPrince853Integrator(LEAST_STEP, end - start, absolute, relative);
        integrator.setMaxEvaluations(Math.max(EVALUATIONS, NUMBERS / flow.size()));
        DenseOutputModel dense = new DenseOutputModel();
        integrator.addStepHandler(dense);
        integrator.addStepEndHandler(new Restored(flow, end));
        try {
            integrator.integrate(new Equation(flow), new ODEState(start, state), end);
        } catch (MathIllegalArgumentException | MathIllegalStateException e) {
            throw InlayException.diverged(
                            "the integration from %s to %s stopped: %s; where the drift jumps, as with hardmax, use a"
                                    + " scheme of fixed steps",
                            start, end, e.getMessage())
                    .causedBy(e);
        }
        return new Dense(flow, dense, start, end);
    }

    private record Equation(Flow flow) implements OrdinaryDifferentialEquation {
        @Override
        public int getDimension() {
            return flow.size();
        }

        @Override
        public double[] computeDerivatives(double t, double[] y) {
            double[] drift = new double[y.length];
            flow.drift(t, y, drift);
            for (double value : drift) {
                if (!Double.isFinite(value)) {
                    throw InlayException.diverged("the drift is %s at time %s; use a shorter time", value, t);
                }
            }
            return drift;
        }
    }

    /** Puts the state back after each accepted step but the last, whose reset would take the integrator past its end. */
    private record Restored(Flow flow, double end) implements ODEStepEndHandler {
        @Override
        public Action stepEndOccurred(ODEStateAndDerivative state, boolean forward) {
            double[] before = state.getPrimaryState();
            double[] after = before.clone();
            flow.restore(after);
            return state.getTime() >= end || Arrays.equals(before, after) ? Action.CONTINUE : Action.RESET_STATE;
        }

        @Override
        public ODEState resetState(ODEStateAndDerivative state) {
            double[] after = state.getPrimaryState();
            flow.restore(after);
            return new ODEState(state.getTime(), after);
        }
    }

    private record Dense(Flow flow, DenseOutputModel model, double start, double end) implements Path {
        @Override
        public double[] at(double t) {
            double[] state = model.getInterpolatedState(Math.max(start, Math.min(end, t)))
                    .getPrimaryState();
            flow.restore(state);
            return state;
        }
    }
}
