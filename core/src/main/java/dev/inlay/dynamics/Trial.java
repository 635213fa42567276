package dev.inlay.dynamics;

/**
 * A run that statements are held against.
 *
 * @param flow what ran
 * @param head its head
 * @param interaction rule, mask and inverse temperature
 * @param path states of the flow
 */
public record Trial(TokenFlow flow, Head head, Interaction interaction, Path path) {
    /** beta at the start. */
    double beta() {
        return interaction.beta().applyAsDouble(path.start());
    }

    double length() {
        return path.end() - path.start();
    }

    int tokens() {
        return flow.tokens();
    }

    int dimension() {
        return flow.dimension();
    }

    /** Positions at a time, [n, d]. */
    double[] at(double t) {
        return flow.positions(t, path.at(t));
    }

    double[] first() {
        return at(path.start());
    }

    double[] last() {
        return at(path.end());
    }

    /** A time of {@code count} equal parts of the run; of steps of one size the step before it, for between two no scheme ran. */
    double time(int k, int count) {
        double passed = length() * k / count;
        double h = path.step();
        return path.start() + (h > 0 ? Math.floor(passed / h + 1e-9) * h : passed);
    }

    /** What most statements are about. */
    Hypothesis softmax() {
        return Hypothesis.of("softmax over all tokens", interaction.rule().isSoftmax() && !interaction.causal());
    }

    /** Enough for what follows from convexity alone. */
    Hypothesis convex() {
        return Hypothesis.of("rows of P sum to 1", interaction.rule().hasRowsOfOne());
    }

    Hypothesis attractive() {
        return Hypothesis.of("beta > 0", beta() > 0);
    }

    /**
     * Whether the run stands for the flow: larger steps overshoot.
     *
     * @param pull largest sum of a row of P
     */
    Hypothesis resolved(double pull) {
        return Hypothesis.of(
                "steps are adaptive, or small beside the pull: h |P| |V| <= 1/2",
                path.step() * pull * head.value().norm() <= 0.5);
    }

    /** Size that rounding and tolerances are measured by. */
    double scale() {
        return Geometry.largestNorm(first(), dimension());
    }
}
