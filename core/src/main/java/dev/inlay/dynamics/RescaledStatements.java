package dev.inlay.dynamics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The statements about tokens in R^d (arXiv 2305.05465, with its theorem numbers), held against a run of {@link Rescaled},
 * T7 of {@link Euclidean}. A run ends before infinity, so limits are claimed within {@link #LIMIT} of the size of the start.
 */
public final class RescaledStatements {
    /** A limit counts as reached within this part of the size of the start. */
    public static final double LIMIT = 1e-3;

    private static final int SAMPLES = 64;
    private static final double ROUNDING = 1e-6;

    private RescaledStatements() {}

    /** All of T1 to T7 that have something to say about V and A of the run. */
    public static List<Finding> all(Trial run) {
        List<Finding> findings = new ArrayList<>();
        if (run.dimension() == 1) {
            findings.add(booleanLimit(run));
        }
        if (run.head().value().isIdentity()) {
            findings.add(nestedHulls(run));
            findings.add(polytope(run));
        }
        if (run.dimension() > 1
                && !run.head().value().isScalar()
                && run.head().value().spectrum().isReal()) {
            findings.add(hyperplanes(run));
            findings.add(shrinkingRanges(run));
            findings.add(hybrid(run));
            findings.add(codimension(run));
        }
        if (isMinusIdentity(run)) {
            findings.add(collapse(run));
        }
        return findings;
    }

    /** T1: in one dimension every row of P but at most one becomes a unit vector of an end token. */
    public static Finding booleanLimit(Trial run) {
        Matrix value = run.head().value();
        Weighing weighing = run.flow().weighing(run.path().end(), run.path().last());
        long open = IntStream.range(0, run.tokens())
                .filter(i -> weighing.logResidual(i) > Math.log(1e-6))
                .count();
        return new Finding(
                "T1: the attention matrix becomes Boolean, all rows but at most one",
                List.of(
                        Hypothesis.of("d = 1", run.dimension() == 1),
                        Hypothesis.of("V > 0", value.get(0, 0) > 0),
                        Hypothesis.of("A > 0", run.head().score().get(0, 0) > 0),
                        Hypothesis.of("tokens differ", distinct(run.first(), run.dimension()))),
                "rows farther than 1e-6 from a unit vector",
                open,
                1);
    }

    /** T2: with V = I the hull of the tokens never grows. */
    public static Finding nestedHulls(Trial run) {
        double worst = 0;
        double[] before = run.first();
        for (int k = 1; k <= SAMPLES; k++) {
            double[] after = run.at(run.time(k, SAMPLES));
            worst = Math.max(worst, new Hull(before, run.dimension()).excess(after));
            before = after;
        }
        return new Finding(
                "T2: convex hulls are nested",
                List.of(Hypothesis.of("V = I", run.head().value().isIdentity())),
                "largest way out of an earlier hull",
                worst,
                ROUNDING * run.scale());
    }

    /** T3: with V = I and A positive definite all tokens end in a finite set on the boundary of a polytope, or at 0. */
    public static Finding polytope(Trial run) {
        Matrix score = run.head().score();
        double worst = limitResidual(run.last(), score, run.dimension());
        double scale = score.norm() * run.scale() * run.scale();
        return new Finding(
                "T3: every token ends in {x : x'Ax = max_j x'A v_j} of the vertices v_j",
                List.of(
                        Hypothesis.of("V = I", run.head().value().isIdentity()),
                        Hypothesis.of("A is symmetric, positive definite", isPositiveDefinite(score)),
                        settled(run)),
                "largest |x'Ax - max_j x'A v_j|",
                worst,
                LIMIT * scale);
    }

    /** max_i |x_i'A x_i - max_j x_i'A x_j|: the maximum over tokens is that over the vertices of their hull. */
    public static double limitResidual(double[] x, Matrix score, int d) {
        int n = x.length / d;
        double[] keys = new double[x.length];
        score.applyToRows(x, n, keys);
        double worst = 0;
        for (int i = 0; i < n; i++) {
            double most = Double.NEGATIVE_INFINITY;
            for (int j = 0; j < n; j++) {
                most = Math.max(most, Geometry.dot(x, i, keys, j, d));
            }
            worst = Math.max(worst, Math.abs(Geometry.dot(x, i, keys, i, d) - most));
        }
        return worst;
    }

    /** T4: with a simple leading eigenvalue all tokens approach at most three parallel hyperplanes. */
    public static Finding hyperplanes(Trial run) {
        Spectrum spectrum = run.head().value().spectrum();
        double[] first = coordinates(run.head().value(), run.last(), run.dimension(), 0);
        double[] direction = spectrum.vectors().column(0);
        double form = Geometry.dot(run.head().score().apply(direction), 0, direction, 0, run.dimension());
        double other = 0;
        for (int k = 1; k < spectrum.size(); k++) {
            other = Math.max(other, spectrum.modulus(k));
        }
        return new Finding(
                "T4: at most three parallel hyperplanes",
                List.of(
                        Hypothesis.of(
                                "the leading eigenvalue is positive, simple and larger than all others",
                                spectrum.real(0) > 0 && other < spectrum.real(0)),
                        Hypothesis.of("<Q phi1, K phi1> > 0", form > 0),
                        settled(run, 1)),
                "values of phi1*(z)",
                Clusters.within(first, 1, 10 * LIMIT * run.scale()).count(),
                3);
    }

    /** T4, second part: along real eigenvalues of at least 0 the range of the tokens never grows. */
    public static Finding shrinkingRanges(Trial run) {
        Spectrum spectrum = run.head().value().spectrum();
        double worst = 0;
        for (int k = 0; k < spectrum.size() && spectrum.real(k) >= 0; k++) {
            double[] before = range(coordinates(run.head().value(), run.first(), run.dimension(), k));
            for (int s = 1; s <= SAMPLES; s++) {
                double[] after =
                        range(coordinates(run.head().value(), run.at(run.time(s, SAMPLES)), run.dimension(), k));
                worst = Math.max(worst, Math.max(after[1] - before[1], before[0] - after[0]));
                before = after;
            }
        }
        return new Finding(
                "T4: ranges along eigenvalues >= 0 never grow",
                List.of(Hypothesis.of("V has real eigenvalues", spectrum.isReal())),
                "largest growth of a range",
                worst,
                ROUNDING * run.scale());
    }

    /** T5: with V = lambda on F and less on G, tokens approach (boundary of a polytope or 0) x G. */
    public static Finding hybrid(Trial run) {
        Spectrum spectrum = run.head().value().spectrum();
        int d = run.dimension();
        int size = 0;
        while (size < d && spectrum.real(size) > spectrum.real(0) - 1e-9) {
            size++;
        }
        Matrix basis = spectrum.vectors();
        Matrix form = basis.transpose().times(run.head().score()).times(basis);
        double[] part = new double[run.tokens() * size];
        for (int k = 0; k < size; k++) {
            double[] along = coordinates(run.head().value(), run.last(), d, k);
            for (int i = 0; i < run.tokens(); i++) {
                part[i * size + k] = along[i];
            }
        }
        double cross = 0;
        double[] block = new double[size * size];
        for (int k = 0; k < d; k++) {
            for (int l = 0; l < d; l++) {
                if (k < size && l < size) {
                    block[k * size + l] = form.get(k, l);
                } else if (k < size || l < size) {
                    cross = Math.max(cross, Math.abs(form.get(k, l)));
                }
            }
        }
        double below = size < d ? Math.abs(spectrum.real(size)) : 0;
        return new Finding(
                "T5: tokens approach (boundary of a polytope or 0) x G",
                List.of(
                        Hypothesis.of(
                                "V = lambda > 0 on F, of smaller radius on G",
                                spectrum.real(0) > 0
                                        && size < d
                                        && below < spectrum.real(0)
                                        && Math.abs(spectrum.real(d - 1)) < spectrum.real(0)),
                        Hypothesis.of(
                                "A is symmetric, positive definite",
                                isPositiveDefinite(run.head().score())),
                        Hypothesis.of(
                                "A has no part between F and G (else the proof has a gap)",
                                cross <= 1e-12 * form.norm()),
                        settled(run, size)),
                "largest residual of the part in F",
                limitResidual(part, Matrix.of(size, size, block), size),
                LIMIT * form.norm() * run.scale() * run.scale());
    }

    /** T6, an open conjecture: with k eigenvalues of positive real part at most three parallel subspaces. */
    public static Finding codimension(Trial run) {
        Spectrum spectrum = run.head().value().spectrum();
        int positive = 0;
        while (positive < spectrum.size() && spectrum.real(positive) > 0) {
            positive++;
        }
        int clusters = 0;
        if (positive > 0) {
            double[] part = new double[run.tokens() * positive];
            for (int k = 0; k < positive; k++) {
                double[] along = coordinates(run.head().value(), run.last(), run.dimension(), k);
                for (int i = 0; i < run.tokens(); i++) {
                    part[i * positive + k] = along[i];
                }
            }
            clusters = Clusters.within(part, positive, 10 * LIMIT * run.scale()).count();
        }
        return new Finding(
                "T6 (open): at most three subspaces of codimension " + positive,
                List.of(),
                "clusters in the directions of positive eigenvalues",
                clusters,
                Double.NaN);
    }

    /** T7: with V = -I tokens go to 0 and attention becomes uniform, slowly. */
    public static Finding collapse(Trial run) {
        double size = Geometry.largestNorm(run.last(), run.dimension());
        double t = run.path().end();
        return new Finding(
                "T7: tokens go to 0",
                List.of(
                        Hypothesis.of("V = -I", isMinusIdentity(run)),
                        Hypothesis.of(
                                "A is symmetric, positive definite",
                                isPositiveDefinite(run.head().score())),
                        Hypothesis.of("the run is long: T >= 100", t >= 100)),
                "largest |x_i|",
                size,
                0.5 * run.scale());
    }

    private static boolean isMinusIdentity(Trial run) {
        return run.head().value().times(-1).isIdentity();
    }

    static boolean isPositiveDefinite(Matrix matrix) {
        if (!matrix.isSymmetric()) {
            return false;
        }
        Spectrum spectrum = matrix.spectrum();
        return spectrum.real(spectrum.size() - 1) > 1e-12 * Math.abs(spectrum.real(0));
    }

    private static boolean distinct(double[] x, int d) {
        int n = x.length / d;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                if (Geometry.squaredDistance(x, i, x, j, d) == 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Whether the last hundredth of the run moved nothing: only then does the end stand for the limit. */
    private static Hypothesis settled(Trial run) {
        return settled(run, run.dimension());
    }

    /** The same along the first eigenvectors, for directions of negative eigenvalues never settle. */
    private static Hypothesis settled(Trial run, int directions) {
        int d = run.dimension();
        double[] before = run.at(run.time(99, 100));
        double[] last = run.last();
        double moved = directions == d ? Geometry.largestDistance(before, last, d) : 0;
        for (int k = 0; k < directions && directions < d; k++) {
            double[] from = coordinates(run.head().value(), before, d, k);
            moved = Math.max(
                    moved, Geometry.largestDistance(from, coordinates(run.head().value(), last, d, k), 1));
        }
        return Hypothesis.of("the run has settled", moved < 0.01 * LIMIT * run.scale());
    }

    /** phi_k*(x_i) of each token. */
    static double[] coordinates(Matrix value, double[] x, int d, int k) {
        Matrix functional = value.spectrum().vectors().inverse();
        double[] row = functional.row(k);
        double[] along = new double[x.length / d];
        Arrays.setAll(along, i -> Geometry.dot(x, i, row, 0, d));
        return along;
    }

    private static double[] range(double[] values) {
        return new double[] {
            Arrays.stream(values).min().orElseThrow(),
            Arrays.stream(values).max().orElseThrow()
        };
    }
}
