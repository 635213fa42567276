package dev.inlay.dynamics;

import java.util.function.DoubleUnaryOperator;

/**
 * How tokens weigh each other.
 *
 * @param causal whether token i sees the tokens j &lt;= i only
 * @param beta inverse temperature at time t
 */
public record Interaction(Rule rule, boolean causal, DoubleUnaryOperator beta) {
    /** Softmax attention of all tokens. */
    public static Interaction softmax(double beta) {
        return new Interaction(new Rule.Softmax(), false, t -> beta);
    }

    public Interaction with(Rule other) {
        return new Interaction(other, causal, beta);
    }

    public Interaction masked() {
        return new Interaction(rule, true, beta);
    }

    Attention.Factor factor(double t, double growth) {
        return Attention.Factor.of(beta.applyAsDouble(t), growth);
    }

    Attention attention(int n, int d) {
        return new Attention(n, d, rule, causal);
    }
}
