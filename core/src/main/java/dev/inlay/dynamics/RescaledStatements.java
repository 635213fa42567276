package dev.inlay.dynamics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The statements about tokens in R^d (arXiv 2305.05465, with its theorem numbers), held against a run of {@link Rescaled},
 * {@link #collapse} of {@link Euclidean}. A run ends before infinity, so limits are claimed within {@link #LIMIT} of the size of the start.
 */
public final class RescaledStatements {
    /** A limit counts as reached within this part of the size of the start. */
    public static final double LIMIT = 1e-3;

    /** Directions of a smaller eigenvalue decide who leads until this many times 1 / gap have passed. */
    private static final double LIVES = 5;

    private static final int SAMPLES = 64;
    private static final double ROUNDING = 1e-6;

    private RescaledStatements() {}

    /** All of T1 to T6 that have something to say about V of a rescaled run. */
    public static List<Finding> all(Trial run) {
        List<Finding> findings = new ArrayList<>();
        if (run.dimension() == 1) {
            findings.add(booleanLimit(run));
        }
        if (run.head().value().isIdentity()) {
            findings.add(nestedHulls(run));
            findings.add(polytope(run));
        }
        if (run.dimension() > 1 && !run.head().value().isScalar()) {
            Spectrum spectrum = run.head().value().spectrum();
            if (spectrum.isReal(0)) {
                findings.add(hyperplanes(run));
                findings.add(shrinkingRanges(run));
            }
            if (spectrum.isDiagonalisable()) {
                findings.add(hybrid(run));
                findings.add(codimension(run));
            }
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
                        run.attractive(),
                        run.softmax(),
                        Hypothesis.of("tokens differ", leastDistance(run.first()) > 0),
                        Hypothesis.of(
                                "the run is long: beta A g r e^(VT) >= 30 for the least distance g of two tokens at the"
                                        + " start and the second least |z| = r at the end",
                                isBooleanBy(run)),
                        run.resolved(1)),
                "rows farther than 1e-6 from a unit vector",
                open,
                1);
    }

    /**
     * In one dimension distances fall no faster than e^(-VT), so the scores of two tokens in a row differ by at least the left
     * side, in all rows but that of the token nearest to 0.
     */
    private static boolean isBooleanBy(Trial run) {
        double[] sizes = Arrays.stream(run.last()).map(Math::abs).sorted().toArray();
        double growth = run.head().value().get(0, 0) * run.length();
        double scores = run.beta() * run.head().score().get(0, 0) * leastDistance(run.first());
        return sizes.length < 2 || Math.log(scores * sizes[1]) + growth >= Math.log(30);
    }

    /** Of tokens in one dimension. */
    private static double leastDistance(double[] x) {
        double[] sorted = Arrays.stream(x).sorted().toArray();
        double least = Double.POSITIVE_INFINITY;
        for (int i = 1; i < sorted.length; i++) {
            least = Math.min(least, sorted[i] - sorted[i - 1]);
        }
        return least;
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
                List.of(Hypothesis.of("V = I", run.head().value().isIdentity()), run.convex(), run.resolved(1)),
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
                        run.attractive(),
                        run.softmax(),
                        settled(run),
                        run.resolved(1)),
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

    /**
     * T4: with a simple leading eigenvalue, which must be real, all tokens approach at most three parallel hyperplanes. The other
     * eigenvalues may be complex.
     */
    public static Finding hyperplanes(Trial run) {
        Spectrum spectrum = run.head().value().spectrum();
        double[] functional = run.head().value().transpose().spectrum().vector(0);
        double[] direction = spectrum.vector(0);
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
                        run.attractive(),
                        run.softmax(),
                        outlives(run, spectrum.real(0) - other),
                        settled(run, functional),
                        run.resolved(1)),
                "values of phi1*(z)",
                Clusters.within(along(functional, run.last()), 1, 10 * LIMIT * run.scale())
                        .count(),
                3);
    }

    /** T4, second part: along left eigenvectors of real eigenvalues of at least 0 the range of the tokens never grows. */
    public static Finding shrinkingRanges(Trial run) {
        Spectrum functionals = run.head().value().transpose().spectrum();
        int count = 0;
        double worst = 0;
        for (int k = 0; k < functionals.size() && functionals.real(k) >= 0; k++) {
            if (!functionals.isReal(k)) {
                continue;
            }
            count++;
            double[] before = range(along(functionals.vector(k), run.first()));
            for (int s = 1; s <= SAMPLES; s++) {
                double[] after = range(along(functionals.vector(k), run.at(run.time(s, SAMPLES))));
                worst = Math.max(worst, Math.max(after[1] - before[1], before[0] - after[0]));
                before = after;
            }
        }
        return new Finding(
                "T4: ranges along eigenvalues >= 0 never grow",
                List.of(Hypothesis.of("V has a real eigenvalue >= 0", count > 0), run.convex(), run.resolved(1)),
                "largest growth of a range",
                worst,
                ROUNDING * run.scale());
    }

    /** T5: with V = lambda on F and less on G, tokens approach (boundary of a polytope or 0) x G. */
    public static Finding hybrid(Trial run) {
        Spectrum spectrum = run.head().value().spectrum();
        int d = run.dimension();
        int size = (int) IntStream.range(0, d)
                .filter(k -> spectrum.real(k) > spectrum.real(0) - 1e-9)
                .count();
        Matrix basis = spectrum.vectors();
        Matrix form = basis.transpose().times(run.head().score()).times(basis);
        double[] part = new double[run.tokens() * size];
        for (int k = 0; k < size; k++) {
            double[] along = coordinates(run.head().value(), run.last(), k);
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
        double below = IntStream.range(size, d)
                .mapToDouble(k -> Math.abs(spectrum.real(k)))
                .max()
                .orElse(0);
        return new Finding(
                "T5: tokens approach (boundary of a polytope or 0) x G",
                List.of(
                        Hypothesis.of(
                                "V = lambda > 0 on F, of smaller radius on G",
                                spectrum.real(0) > 0 && size < d && below < spectrum.real(0)),
                        Hypothesis.of(
                                "A is symmetric, positive definite",
                                isPositiveDefinite(run.head().score())),
                        run.attractive(),
                        run.softmax(),
                        Hypothesis.of(
                                "A has no part between F and G (else the proof has a gap)",
                                cross <= 1e-12 * form.norm()),
                        outlives(run, spectrum.real(0) - below),
                        settled(run, size),
                        run.resolved(1)),
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
                double[] along = coordinates(run.head().value(), run.last(), k);
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
        return new Finding(
                "T7: tokens go to 0",
                List.of(
                        Hypothesis.of("V = -I", run.head().value().times(-1).isIdentity()),
                        Hypothesis.of(
                                "A is symmetric, positive definite",
                                isPositiveDefinite(run.head().score())),
                        run.attractive(),
                        run.softmax(),
                        Hypothesis.of("the run is long: T >= 100", run.length() >= 100),
                        run.resolved(1)),
                "largest |x_i|",
                size,
                0.5 * run.scale());
    }

    static boolean isPositiveDefinite(Matrix matrix) {
        if (!matrix.isSymmetric()) {
            return false;
        }
        Spectrum spectrum = matrix.spectrum();
        return spectrum.real(spectrum.size() - 1) > 1e-12 * Math.abs(spectrum.real(0));
    }

    /** Until then clusters of the smaller eigenvalue may live on, as those of a base do beside a small change. */
    private static Hypothesis outlives(Trial run, double gap) {
        return Hypothesis.of(
                "the run is long beside the gap: T (lambda1 - |lambda2|) >= 5", run.length() * gap >= LIVES);
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
            double[] from = coordinates(run.head().value(), before, k);
            moved = Math.max(
                    moved, Geometry.largestDistance(from, coordinates(run.head().value(), last, k), 1));
        }
        return settled(run, moved);
    }

    /** The same along one functional. */
    private static Hypothesis settled(Trial run, double[] functional) {
        double[] before = along(functional, run.at(run.time(99, 100)));
        return settled(run, Geometry.largestDistance(before, along(functional, run.last()), 1));
    }

    private static Hypothesis settled(Trial run, double moved) {
        return Hypothesis.of("the run has settled", moved < 0.01 * LIMIT * run.scale());
    }

    /** phi_k*(x_i) of each token; only of a diagonalisable V. */
    private static double[] coordinates(Matrix value, double[] x, int k) {
        return along(value.spectrum().vectors().inverse().row(k), x);
    }

    private static double[] along(double[] functional, double[] x) {
        double[] along = new double[x.length / functional.length];
        Arrays.setAll(along, i -> Geometry.dot(x, i, functional, 0, functional.length));
        return along;
    }

    private static double[] range(double[] values) {
        return new double[] {
            Arrays.stream(values).min().orElseThrow(),
            Arrays.stream(values).max().orElseThrow()
        };
    }
}
