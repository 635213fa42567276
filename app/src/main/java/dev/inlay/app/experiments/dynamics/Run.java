package dev.inlay.app.experiments.dynamics;

import dev.inlay.dynamics.Adaptive;
import dev.inlay.dynamics.Head;
import dev.inlay.dynamics.Path;
import dev.inlay.dynamics.Steps;
import dev.inlay.dynamics.Tail;
import dev.inlay.dynamics.TokenFlow;
import dev.inlay.dynamics.Trial;
import dev.inlay.dynamics.Weights;
import java.util.List;
import java.util.Optional;

/**
 * One trajectory. Rescaled tokens under an adaptive scheme go over to the event-driven tail as soon as it is exact, so long
 * times cost nothing.
 *
 * @param flow what runs
 * @param heads A and V of each head, of the first layer
 * @param path states; of the tail its positions
 * @param tail what happens from the start of the tail on, where there is one
 */
record Run(TokenFlow flow, List<Head> heads, Path path, Optional<Tail.Course> tail, Setting setting) {
    /** The tail is asked for from here on, every few units of time: earlier no row is Boolean. */
    private static final double FIRST_TAIL = 12;

    static Run of(Setting setting, Weights weights, double[] start) {
        List<Head> heads = weights.at(0);
        TokenFlow flow = Flows.flow(setting, weights);
        double[] state = flow.start(start);
        if (setting.isStepped()) {
            int count = (int) Math.round(setting.time() / setting.step());
            return new Run(
                    flow,
                    heads,
                    Steps.run(flow, Flows.scheme(setting, heads), state, 0, setting.step(), count),
                    Optional.empty(),
                    setting);
        }
        Adaptive scheme = setting.scheme().equals("reference") ? Adaptive.REFERENCE : Adaptive.DEFAULT;
        if (mayHaveTail(setting, heads.get(0)) && setting.time() > FIRST_TAIL) {
            for (double until = FIRST_TAIL; until < setting.time() && until < 100; until *= 1.5) {
                Path path = scheme.run(flow, state, 0, until);
                if (Tail.mayBegin(flow.weighing(until, path.last()))) {
                    double[] z = flow.positions(until, path.last());
                    Tail.Course course = new Tail(setting.tokens(), heads.get(0), false).run(z, until, setting.time());
                    return new Run(flow, heads, path, Optional.of(course), setting);
                }
            }
        }
        return new Run(flow, heads, scheme.run(flow, state, 0, setting.time()), Optional.empty(), setting);
    }

    /** The tail knows one head with real parts of V of at least 0, and the softmax of all tokens. */
    static boolean mayHaveTail(Setting setting, Head head) {
        if (setting.heads() > 1
                || setting.isTimed()
                || !setting.space().equals("rescaled")
                || !setting.rule().equals("softmax")
                || setting.causal()) {
            return false;
        }
        int last = setting.dimension() - 1;
        return setting.beta() == 1 && head.value().spectrum().real(last) >= 0;
    }

    /** The first head, which is the only one wherever the theory speaks. */
    Head head() {
        return heads.get(0);
    }

    /** Where the tokens are, [n, d]. */
    double[] at(double t) {
        return isInTail(t) ? tail.orElseThrow().path().at(t) : flow.positions(t, path.at(t));
    }

    double[] last() {
        return at(end());
    }

    double end() {
        return tail.map(course -> course.path().end()).orElse(path.end());
    }

    boolean isInTail(double t) {
        return tail.isPresent() && t > path.end();
    }

    /** The state of the flow at a time; in the tail that of its positions. */
    double[] state(double t) {
        return isInTail(t) ? flow.start(at(t)) : path.at(t);
    }

    /** For the checkers. */
    Trial trial() {
        return new Trial(flow, head(), Flows.interaction(setting), new Whole(this));
    }

    /** States of the whole run, tail included. */
    private record Whole(Run run) implements Path {
        @Override
        public double start() {
            return run.path.start();
        }

        @Override
        public double end() {
            return run.end();
        }

        @Override
        public double step() {
            return run.path.step();
        }

        @Override
        public double[] at(double t) {
            return run.state(t);
        }
    }
}
