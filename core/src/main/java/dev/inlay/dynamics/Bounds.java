package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.List;
import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleBiFunction;

/**
 * How far a perturbed trajectory can be from its base, known before either is run. With ||sum_j (p_j(s) - p_j(s')) y_j||
 * &lt;= max|s - s'| max|y_j| and Gronwall's inequality. All are logarithms, for the bounds grow like exponentials of
 * exponentials. Norms are spectral; e(t) = max_i |x_i - y_i| is at least the W2 distance of the empirical measures.
 *
 * <p>The drift is a sum over heads, and so is each of its bounds: below |V|, |dV|, |V||A| and |V||dA| are sums over heads,
 * |V| of the norms of all V_h.
 *
 * @param base A and V of each head
 * @param changed the same heads with the change
 * @param radius R0 = max_i |x_i(0)|
 */
public record Bounds(List<Head> base, List<Head> changed, double radius) {
    public Bounds {
        require(
                base.size() == changed.size(),
                "both runs have as many heads, found %d and %d",
                base.size(),
                changed.size());
    }

    public Bounds(Head base, Head changed, double radius) {
        this(List.of(base), List.of(changed), radius);
    }

    private double sum(ToDoubleBiFunction<Head, Head> part) {
        double sum = 0;
        for (int h = 0; h < base.size(); h++) {
            sum += part.applyAsDouble(base.get(h), changed.get(h));
        }
        return sum;
    }

    /** |V|. */
    private double value() {
        return sum((head, other) -> head.value().norm());
    }

    /** |V + dV|. */
    private double changedValue() {
        return sum((head, other) -> other.value().norm());
    }

    /** |V||A|. */
    private double pull() {
        return sum((head, other) -> head.value().norm() * head.score().norm());
    }

    /** |dV|. */
    private double valueChange() {
        return sum((head, other) -> other.value().minus(head.value()).norm());
    }

    /** |V||dA|. */
    private double scoreChange() {
        return sum((head, other) ->
                head.value().norm() * other.score().minus(head.score()).norm());
    }

    /**
     * ln of e(t) &lt;= exp(|V| t + |A||V| R0^2 / L (e^(2Lt) - 1)) [ |dV| R0 (e^(Lt) - 1)/L + |V||dA| R0^3 (e^(3Lt) -
     * 1)/(3L) + e(0) ], L = max(|V|, |V + dV|), for {@link Euclidean} at beta = 1.
     *
     * @param apart e(0)
     */
    public double logEuclidean(double t, double apart) {
        double large = Math.max(value(), changedValue());
        require(large > 0, "the bound needs V or its change to be other than 0");
        double exponent = value() * t + pull() * radius * radius / large * Math.expm1(2 * large * t);
        double byValue = Math.log(valueChange() * radius / large) + logExpm1(large * t);
        double byScore = Math.log(scoreChange() * Math.pow(radius, 3) / (3 * large)) + logExpm1(3 * large * t);
        return exponent + logSum(logSum(byValue, byScore), Math.log(apart));
    }

    /** ln of e(t) &lt;= a/b (e^(bt) - 1), a = |dV| + |V||dA|, b = |V| + 2|V||A| + |V + dV|, for {@link Spherical} at beta 1. */
    public double logSpherical(double t) {
        double a = valueChange() + scoreChange();
        double b = value() + 2 * pull() + changedValue();
        return Math.log(a / b) + logExpm1(b * t);
    }

    /** Whether {@link #logRescaled} is proved for these heads. */
    public boolean isOfRescaled() {
        return base.size() == 1
                && base.get(0).value().isIdentity()
                && changed.get(0).value().isIdentity();
    }

    /** ln of e(t) &lt;= R0 |dA| / (2|A|) (exp(|A| R0^2 (e^(2t) - 1)) - 1), for {@link Rescaled} with one head and V = I
     * in both runs. */
    public double logRescaled(double t) {
        require(isOfRescaled(), "this bound needs one head with V = I in both runs; only A may change");
        return Math.log(radius * scoreChange() / (2 * pull())) + logExpm1(pull() * radius * radius * Math.expm1(2 * t));
    }

    /**
     * The time until which a bound keeps e(t) within delta; no divergence can be earlier.
     *
     * @param logBound ln of the bound, rising with time
     * @return empty where the bound never reaches delta before {@code end}
     */
    public static OptionalDouble time(DoubleUnaryOperator logBound, double delta, double end) {
        double level = Math.log(delta);
        return logBound.applyAsDouble(end) <= level
                ? OptionalDouble.empty()
                : OptionalDouble.of(Crossing.root(logBound, true, level, 0, end));
    }

    /** ln(e^x - 1) for x >= 0. */
    private static double logExpm1(double x) {
        return x > 30 ? x + Math.log1p(-Math.exp(-x)) : Math.log(Math.expm1(x));
    }

    private static double logSum(double x, double y) {
        double large = Math.max(x, y);
        return large == Double.NEGATIVE_INFINITY || large == Double.POSITIVE_INFINITY
                ? large
                : large + Math.log(Math.exp(x - large) + Math.exp(y - large));
    }
}
