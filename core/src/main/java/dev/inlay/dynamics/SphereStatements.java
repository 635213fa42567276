package dev.inlay.dynamics;

import java.util.ArrayList;
import java.util.List;

/** The statements about tokens on the sphere, held against a run of {@link Spherical}. */
public final class SphereStatements {
    private static final double LIMIT = 1e-3;
    private static final int SAMPLES = 256;

    private SphereStatements() {}

    /** T9 (arXiv 2312.10794, theorems 4.1 and 6.3): one cluster. The claim is about infinite time. */
    public static Finding oneCluster(Trial run, boolean causal) {
        double least = Clusters.leastCosine(run.last(), run.dimension());
        boolean hemisphere = new Hull(run.first(), run.dimension()).distance(new double[run.dimension()]) > 1e-9;
        return new Finding(
                "T9: all tokens end at one point",
                List.of(
                        Hypothesis.of("A = V = I", isIdentity(run.head())),
                        Hypothesis.of("all tokens see each other", !causal),
                        Hypothesis.of(
                                "d >= 3 and beta >= 0, or a common open hemisphere",
                                (run.dimension() >= 3 && run.beta() >= 0) || hemisphere),
                        isLong(run)),
                "1 - least cosine",
                1 - least,
                LIMIT);
    }

    /** T10 (arXiv 2312.10794, theorem 6.8): from an equiangular start the common inner product obeys one equation. */
    public static Finding equiangular(Trial run, boolean normalised) {
        int d = run.dimension();
        int n = run.tokens();
        double[] first = run.first();
        double gamma = Geometry.dot(first, 0, first, 1, d);
        double spread = spread(first, gamma, n, d);
        double worst = 0;
        Path single = Adaptive.REFERENCE.run(
                new Equiangular(n, run.beta(), normalised),
                new double[] {gamma},
                run.path().start(),
                run.path().end());
        for (int k = 1; k <= SAMPLES; k++) {
            double t = run.time(k, SAMPLES);
            worst = Math.max(worst, spread(run.at(t), single.at(t)[0], n, d));
        }
        return new Finding(
                "T10: inner products of an equiangular start follow one equation",
                List.of(
                        Hypothesis.of("A = V = I", isIdentity(run.head())),
                        Hypothesis.of("all inner products are equal at the start", spread < 1e-9)),
                "largest distance of an inner product from it",
                worst,
                1e-5);
    }

    private static double spread(double[] x, double gamma, int n, int d) {
        double worst = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < i; j++) {
                worst = Math.max(worst, Math.abs(Geometry.dot(x, i, x, j, d) - gamma));
            }
        }
        return worst;
    }

    /** T11 (arXiv 2411.04990): with a causal mask and V = I all tokens go to the first, which rests. */
    public static Finding followTheFirst(Trial run, boolean causal) {
        double[] last = run.last();
        double[] first = run.first();
        double least = 1;
        for (int k = 0; k < run.tokens(); k++) {
            least = Math.min(least, Geometry.dot(last, k, first, 0, run.dimension()));
        }
        return new Finding(
                "T11: all tokens end at the first one's start",
                List.of(
                        Hypothesis.of("V = I", run.head().value().isIdentity()),
                        Hypothesis.of("causal mask", causal),
                        isLong(run)),
                "1 - least cosine with it",
                1 - least,
                LIMIT);
    }

    /** What the statements have to say about a run. */
    public static List<Finding> all(Trial run, boolean causal, boolean normalised) {
        List<Finding> findings = new ArrayList<>();
        findings.add(causal ? followTheFirst(run, causal) : oneCluster(run, causal));
        double[] first = run.first();
        double gamma = Geometry.dot(first, 0, first, 1, run.dimension());
        if (!causal && spread(first, gamma, run.tokens(), run.dimension()) < 1e-9) {
            findings.add(equiangular(run, normalised));
        }
        return findings;
    }

    /** Separate clusters may live for e^(2 beta): a shorter run says nothing about the end. */
    private static Hypothesis isLong(Trial run) {
        double length = run.path().end() - run.path().start();
        return Hypothesis.of("T >= 10 e^(2 beta)", length >= 10 * Math.exp(2 * run.beta()));
    }

    private static boolean isIdentity(Head head) {
        return head.score().isIdentity() && head.value().isIdentity();
    }
}
