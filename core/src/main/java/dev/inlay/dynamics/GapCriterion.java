package dev.inlay.dynamics;

import static dev.inlay.InlayException.require;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether a change of V leaves the one cluster of the sphere where it is (arXiv 2402.15415v2, proposition 3.3; not verified
 * there by us, checked numerically): A = V symmetric, positive semi-definite, all tokens on the side of u1. With a = u1' dV
 * u1, b = P dV u1, E = P dV P, P = I - u1 u1': if gap + a > 2|b| + |E| then all tokens end at the leading eigenvector of
 * V + dV, within (2|b| + |E|) / (gap + a) of u1.
 *
 * @param gap lambda1 - lambda2 of V
 * @param along a
 * @param aside |b|
 * @param rest |E|
 * @param directions for each other eigenvector alpha_j / (lambda1 - lambda_j - e_j): its part in the drift
 * @param hypotheses what the statement needs
 */
public record GapCriterion(
        double gap, double along, double aside, double rest, List<Double> directions, List<Hypothesis> hypotheses) {
    /** @param start tokens [n, d] at time 0 */
    public static GapCriterion of(Head base, Matrix change, double[] start) {
        Matrix value = base.value();
        require(value.isSymmetric() && value.rows() >= 2, "the gap criterion needs a symmetric V of at least 2 x 2");
        int d = value.rows();
        Spectrum spectrum = value.spectrum();
        Matrix basis = spectrum.vectors();
        double[] first = basis.column(0);
        Matrix inBasis = basis.transpose().times(change).times(basis);
        double aside = 0;
        List<Double> directions = new ArrayList<>();
        for (int j = 1; j < d; j++) {
            double part = inBasis.get(j, 0);
            aside += part * part;
            directions.add(part / (spectrum.real(0) - spectrum.real(j) - inBasis.get(j, j)));
        }
        Matrix projection = Matrix.identity(d).minus(Matrix.outer(first, first));
        List<Hypothesis> hypotheses = List.of(
                Hypothesis.of("A = V", base.score().minus(value).frobenius() <= 1e-12 * value.frobenius()),
                Hypothesis.of("V is positive semi-definite", spectrum.real(d - 1) >= -1e-12 * spectrum.real(0)),
                Hypothesis.of("all tokens have <x_i, u1> of one sign", oneSided(start, first)));
        return new GapCriterion(
                spectrum.real(0) - spectrum.real(1),
                inBasis.get(0, 0),
                Math.sqrt(aside),
                projection.times(change).times(projection).norm(),
                List.copyOf(directions),
                hypotheses);
    }

    /**
     * The criterion for the symmetric part (V + V') / 2 of any V, as of a trained model; that V is symmetric is then one
     * more hypothesis.
     */
    public static GapCriterion ofSymmetricPart(Head base, Matrix change, double[] start) {
        Matrix value = base.value();
        Head symmetric = new Head(base.score(), value.plus(value.transpose()).times(0.5));
        GapCriterion criterion = of(symmetric, change, start);
        List<Hypothesis> hypotheses = new ArrayList<>(criterion.hypotheses);
        hypotheses.add(0, Hypothesis.of("V is symmetric", value.isSymmetric()));
        return new GapCriterion(
                criterion.gap,
                criterion.along,
                criterion.aside,
                criterion.rest,
                criterion.directions,
                List.copyOf(hypotheses));
    }

    private static boolean oneSided(double[] x, double[] u) {
        int d = u.length;
        double least = Double.POSITIVE_INFINITY;
        double greatest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i * d < x.length; i++) {
            double along = Geometry.dot(x, i, u, 0, d);
            least = Math.min(least, along);
            greatest = Math.max(greatest, along);
        }
        return least > 0 || greatest < 0;
    }

    /** gap + a > 2|b| + |E|. */
    public boolean isMet() {
        return gap + along > 2 * aside + rest;
    }

    /** Most that the cluster moves, where the criterion is met. */
    public double driftBound() {
        return (2 * aside + rest) / (gap + along);
    }

    /** Square root of the sum of squared parts: the drift to be expected from a small change. */
    public double driftEstimate() {
        return Math.sqrt(directions.stream().mapToDouble(part -> part * part).sum());
    }

    /** Compares a last state of the changed flow, [n, d], with the claim. */
    public Finding check(Head base, Matrix change, double[] last) {
        Spectrum changed = base.value().plus(change).spectrum();
        List<Hypothesis> all = new ArrayList<>(hypotheses);
        all.add(Hypothesis.of("gap + a > 2|b| + |E|", isMet()));
        all.add(Hypothesis.of("the leading eigenvalue of V + dV is real", changed.isReal(0)));
        double[] first = base.value().spectrum().vectors().column(0);
        double farthest = Double.NaN;
        if (changed.isReal(0)) {
            double[] target = changed.vector(0);
            int d = first.length;
            farthest = 0;
            for (int i = 0; i * d < last.length; i++) {
                // Eigenvectors have no sign: the tokens decide it.
                double side = Math.signum(Geometry.dot(last, i, target, 0, d));
                double square = 0;
                for (int k = 0; k < d; k++) {
                    square += Math.pow(last[i * d + k] - side * target[k], 2);
                }
                farthest = Math.max(farthest, Math.sqrt(square));
            }
        }
        return new Finding(
                "gap criterion: all tokens end at the leading eigenvector of V + dV",
                all,
                "largest distance of a token from it",
                farthest,
                1e-4);
    }
}
