package dev.inlay.dynamics;

import java.util.ArrayList;
import java.util.List;

/** The statements about tokens on the sphere, held against a run of {@link Spherical}. */
public final class SphereStatements {
    private static final double LIMIT = 1e-3;
    private static final double EQUAL = 1e-9;
    private static final int SAMPLES = 256;

    private SphereStatements() {}

    /** T9 (arXiv 2312.10794, theorems 4.1 and 6.3): one cluster. The claim is about infinite time. */
    public static Finding oneCluster(Trial run) {
        double least = Clusters.leastCosine(run.last(), run.dimension());
        boolean hemisphere = new Hull(run.first(), run.dimension()).distance(new double[run.dimension()]) > EQUAL;
        return new Finding(
                "T9: all tokens end at one point",
                List.of(
                        Hypothesis.of("A = V = I", isIdentity(run.head())),
                        Hypothesis.of(
                                "softmax or kernel over all tokens",
                                (run.interaction().rule().isSoftmax()
                                                || run.interaction().rule() instanceof Rule.Kernel)
                                        && !run.interaction().causal()),
                        Hypothesis.of(
                                "d >= 3 and beta >= 0, or a common open hemisphere",
                                (run.dimension() >= 3 && run.beta() >= 0) || hemisphere),
                        isUsual(run),
                        isLong(run),
                        run.resolved(pull(run))),
                "1 - least cosine",
                1 - least,
                LIMIT);
    }

    /** T10 (arXiv 2312.10794, theorem 6.8): from an equiangular start the common inner product obeys one equation. */
    public static Finding equiangular(Trial run) {
        int d = run.dimension();
        int n = run.tokens();
        double[] first = run.first();
        double gamma = Geometry.dot(first, 0, first, 1, d);
        double worst = 0;
        Path single = Adaptive.REFERENCE.run(
                new Equiangular(n, run.beta(), run.interaction().rule()),
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
                        Hypothesis.of(
                                "all tokens see each other", !run.interaction().causal()),
                        Hypothesis.of("all inner products are equal at the start", isEquiangular(run)),
                        isUsual(run),
                        // The bound lies below the error of any step of a fixed size.
                        Hypothesis.of("steps are adaptive", run.path().step() == 0)),
                "largest distance of an inner product from it",
                worst,
                1e-5);
    }

    private static boolean isEquiangular(Trial run) {
        double[] first = run.first();
        return run.tokens() >= 2
                && spread(first, Geometry.dot(first, 0, first, 1, run.dimension()), run.tokens(), run.dimension())
                        < EQUAL;
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
    public static Finding followTheFirst(Trial run) {
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
                        Hypothesis.of("causal mask", run.interaction().causal()),
                        Hypothesis.of("softmax", run.interaction().rule().isSoftmax()),
                        isUsual(run),
                        isLong(run),
                        run.resolved(1)),
                "1 - least cosine with it",
                1 - least,
                LIMIT);
    }

    /** What the statements have to say about a run. */
    public static List<Finding> all(Trial run) {
        List<Finding> findings = new ArrayList<>();
        findings.add(run.interaction().causal() ? followTheFirst(run) : oneCluster(run));
        if (isEquiangular(run) && !(run.interaction().rule() instanceof Rule.Hardmax)) {
            findings.add(equiangular(run));
        }
        return findings;
    }

    /** Limits are those of almost every start: the opposite of a token, and what rests, stays for ever. */
    private static Hypothesis isUsual(Trial run) {
        double[] first = run.first();
        double[] drift = new double[run.flow().size()];
        run.flow().drift(run.path().start(), run.path().at(run.path().start()), drift);
        double fastest = Geometry.largestNorm(drift, run.dimension());
        double least = Clusters.leastCosine(first, run.dimension());
        return Hypothesis.of(
                "the start moves and has no opposite tokens (so does almost every one)",
                fastest > 1e-13 && least > -1 + 1e-9);
    }

    /** Separate clusters may live for e^(2 beta), under a kernel for e^(beta (1 + shift)): a shorter run does not show the end. */
    private static Hypothesis isLong(Trial run) {
        double size = Math.abs(run.beta()) * run.head().score().norm();
        double life = run.interaction().rule() instanceof Rule.Kernel kernel
                ? Math.exp(size + run.beta() * kernel.shift())
                : Math.exp(2 * size);
        return Hypothesis.of(
                "the run is long: T >= 10 e^(2 |beta| |A|), of a kernel 10 e^(|beta| |A| + beta shift)",
                run.length() >= 10 * Math.max(1, life));
    }

    /** Largest sum of a row of P. */
    private static double pull(Trial run) {
        return run.interaction().rule() instanceof Rule.Kernel kernel
                ? Math.exp(Math.abs(run.beta()) * run.head().score().norm() - run.beta() * kernel.shift())
                : 1;
    }

    private static boolean isIdentity(Head head) {
        return head.score().isIdentity() && head.value().isIdentity();
    }
}
