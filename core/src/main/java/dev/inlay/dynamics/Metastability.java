package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.ArrayList;
import java.util.List;

/**
 * How long tokens stay in separate caps of the sphere (T12; arXiv 2410.06833, with the sign of one condition as a
 * formalisation by others corrected it). The flow is USA with the kernel e^(beta (&lt;x,y&gt; - 1)) / n.
 *
 * @param hypotheses what the statement needs
 * @param gamma gamma(beta) = 1 - alpha - 8 eps - ln(2 n^2 / eps) / beta
 * @param lambda admissible rate; not above 0 where there is none
 * @param clustered T1: from here to T2 tokens of a cap are within sqrt(2) e^(-lambda beta / 2) of each other
 * @param logUntil ln T2: until then every token stays in its cap of twice the size
 */
public record Metastability(
        List<Hypothesis> hypotheses, double gamma, double lambda, double clustered, double logUntil) {
    /** lambda is taken this close below its limit. */
    private static final double BELOW = 0.999;

    /**
     * The certificate of a start.
     *
     * @param x tokens [n, d] on the sphere
     * @param centres w_q, [caps, d] on the sphere
     * @param size eps: a cap holds the tokens with &lt;x, w_q&gt; &gt;= 1 - eps
     */
    public static Metastability of(double[] x, double[] centres, int d, double size, double beta) {
        require(size > 0 && beta > 0, "cap size %s and beta %s must be above 0", size, beta);
        int n = x.length / d;
        double alpha = closest(centres, d, size);
        double gamma = 1 - alpha - 8 * size - Math.log(2.0 * n * n / size) / beta;
        // ln of e^((1 - alpha) beta) (beta - 1) eps / (beta^2 n^2 e)
        double log = (1 - alpha) * beta + Math.log((beta - 1) * size / (beta * beta * n * n * Math.E));
        double first = Math.exp(Math.min(700, log)) * -Math.expm1(-gamma * beta);
        double second = 1 - alpha - Math.log(2.0 * n * n / (1 - 8 * size)) / beta - 8 * size;
        double lambda = BELOW * Math.min(first, second);
        List<Hypothesis> hypotheses = new ArrayList<>(List.of(
                Hypothesis.of("beta > 1", beta > 1),
                Hypothesis.of("eps < 1/16", size < 1.0 / 16),
                Hypothesis.of("every token lies in a cap", covered(x, centres, d, size)),
                Hypothesis.of("gamma(beta) > 0", gamma > 0),
                Hypothesis.of("an admissible lambda > 0 exists", lambda > 0)));
        double clustered = 2 * n * Math.exp(8 * size * beta) + Math.E * n * lambda * beta * beta / (beta - 1);
        return new Metastability(
                List.copyOf(hypotheses), gamma, lambda, clustered, Math.log(size / n) + (1 - alpha) * beta);
    }

    /** Whether all conditions hold and the time of clustering lies before the end of the guarantee. */
    public boolean isCertified() {
        return hypotheses.stream().allMatch(each -> each.truth() == Hypothesis.Truth.TRUE)
                && Math.log(clustered) < logUntil;
    }

    /** Index of the cap of twice the size that each token lies in; -1 where it lies in none. */
    public static int[] caps(double[] x, double[] centres, int d, double size) {
        int[] caps = new int[x.length / d];
        for (int i = 0; i < caps.length; i++) {
            caps[i] = -1;
            for (int q = 0; q * d < centres.length; q++) {
                if (Geometry.dot(x, i, centres, q, d) >= 1 - 2 * size) {
                    caps[i] = q;
                }
            }
        }
        return caps;
    }

    private static boolean covered(double[] x, double[] centres, int d, double size) {
        for (int i = 0; i * d < x.length; i++) {
            boolean inside = false;
            for (int q = 0; q * d < centres.length; q++) {
                inside |= Geometry.dot(x, i, centres, q, d) >= 1 - size;
            }
            if (!inside) {
                return false;
            }
        }
        return true;
    }

    /** Largest inner product of points of two caps: the cosine of the angle between the centres less both radii. */
    private static double closest(double[] centres, int d, double size) {
        double radius = Math.acos(1 - size);
        double closest = -1;
        for (int q = 0; q * d < centres.length; q++) {
            for (int p = 0; p < q; p++) {
                double angle = Math.acos(Math.max(-1, Math.min(1, Geometry.dot(centres, q, centres, p, d))));
                closest = Math.max(closest, Math.cos(Math.max(0, angle - 2 * radius)));
            }
        }
        return closest;
    }
}
