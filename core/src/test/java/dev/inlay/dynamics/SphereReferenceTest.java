package dev.inlay.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers that an independent simulation gave for tokens on the sphere, to their last digit. */
class SphereReferenceTest {
    private static final double[] FIVE = {
        .99806638, .06215705, .97712061, .21268594, -.24578194, .96932515, -.97354734, .2284854, -.99892629, -.04632772
    };

    private static Spherical identity(int n, int d, double beta) {
        return new Spherical(n, d, Weights.tied(Head.identity(d)), Interaction.softmax(beta));
    }

    @ParameterizedTest
    @CsvSource({"0,.99768236", "1,.99633841", "4,.92555888"})
    void aPairOnTheCircle(double beta, double cosine) {
        Spherical flow = identity(2, 2, beta);
        double[] x = Adaptive.REFERENCE
                .run(flow, new double[] {1, 0, Math.cos(1.2), Math.sin(1.2)}, 0, 3)
                .last();
        assertThat(x[0] * x[2] + x[1] * x[3]).isCloseTo(cosine, within(5e-9));
    }

    @ParameterizedTest
    @CsvSource({
        "8,1,true,.36258688,.97049383",
        "8,4,true,.03837928,.17989087",
        "32,1,true,.15184934,.91420701",
        "8,1,false,.60058507,.99997984"
    })
    void orthonormalTokensStayEquiangular(int n, double beta, boolean softmax, double atOne, double atThree) {
        Rule rule = softmax ? new Rule.Softmax() : new Rule.Kernel(0);
        Spherical flow = new Spherical(
                n, n, Weights.tied(Head.identity(n)), Interaction.softmax(beta).with(rule));
        Path path = (n > 8 ? Adaptive.DEFAULT : Adaptive.REFERENCE)
                .run(flow, Matrix.identity(n).values(), 0, 3);
        Interaction interaction = Interaction.softmax(beta).with(rule);
        Finding finding = SphereStatements.equiangular(new Trial(flow, Head.identity(n), interaction, path));
        assertThat(finding.verdict()).isEqualTo(Finding.Verdict.HOLDS);
        Path single = Adaptive.REFERENCE.run(new Equiangular(n, beta, rule), new double[] {0}, 0, 3);
        assertThat(single.at(1)[0]).isCloseTo(atOne, within(6e-9));
        assertThat(single.last()[0]).isCloseTo(atThree, within(6e-9));
    }

    @Test
    void metastableClustersMergeLate() {
        Spherical flow = identity(5, 2, 4);
        Path path = Adaptive.REFERENCE.run(flow, flow.start(FIVE), 0, 330);
        Crossing crossing = new Crossing(.5, 0);
        assertThat(crossing.firstAbove(t -> Clusters.leastCosine(path.at(t), 2), .999, 0, 330)
                        .orElseThrow())
                .isCloseTo(328.364, within(5e-4));
        int[] labels = Clusters.byCosine(path.at(50), 2, .999).labels();
        assertThat(labels).containsExactly(0, 0, 1, 1, 1);
        assertThat(new Crossing(.01, 0)
                        .firstAbove(t -> leastInside(path.at(t), labels), .999, 0, 10)
                        .orElseThrow())
                .isCloseTo(5.2667, within(5e-5));
        double[] later = path.at(50);
        assertThat(Math.toDegrees(Math.atan2(later[1], later[0]))).isCloseTo(10.04, within(.005));
        assertThat(Math.toDegrees(Math.atan2(later[7], later[6]))).isCloseTo(153.65, within(.005));
    }

    /** Least cosine of two tokens of one cluster. */
    private static double leastInside(double[] x, int[] labels) {
        double least = 1;
        for (int i = 0; i < labels.length; i++) {
            for (int j = 0; j < i; j++) {
                least = labels[i] == labels[j] ? Math.min(least, Geometry.dot(x, i, x, j, 2)) : least;
            }
        }
        return least;
    }

    @Test
    void thePublishedSchemeMergesLaterByItsMissingProjection() {
        assertThat(merge(new Scheme.Euler(), .1)).isCloseTo(364.1, within(.01));
        assertThat(merge(new Scheme.ProjectedEuler(), .1)).isCloseTo(329.8, within(.01));
        assertThat(merge(new Scheme.Geodesic(), .1)).isBetween(328.4, 331.0);
        assertThat(merge(new Scheme.Euler(), .01)).isCloseTo(331.93, within(.001));
        assertThat(merge(new Scheme.ProjectedEuler(), .01)).isCloseTo(328.51, within(.001));
    }

    private static double merge(Scheme scheme, double h) {
        Spherical flow = identity(5, 2, 4);
        double[] found = {Double.NaN};
        Steps.visit(flow, scheme, flow.start(FIVE), 0, h, (int) Math.round(370 / h), (x, t) -> {
            if (Double.isNaN(found[0]) && Clusters.leastCosine(x, 2) > .999) {
                found[0] = t;
            }
        });
        return found[0];
    }

    @Test
    void causalTokensFollowTheFirst() {
        double[] start = References.gaussianOnSphere(new Mersenne(3), 16, 3);
        Interaction causal = Interaction.softmax(1).masked();
        Spherical flow = new Spherical(16, 3, Weights.tied(Head.identity(3)), causal);
        Path path = Adaptive.DEFAULT.run(flow, start, 0, 80);
        Finding finding = SphereStatements.followTheFirst(new Trial(flow, Head.identity(3), causal, path));
        assertThat(finding.verdict()).isEqualTo(Finding.Verdict.HOLDS);
        assertThat(finding.value()).isLessThan(1e-10);
    }

    /** Pre-LN slows clustering to a power of time: (1 - gamma) t^2 goes to 1.067 for this start. */
    @Test
    void lengthsThatGrowSlowClusteringDown() {
        int n = 16;
        double[] x = equiangular(n, .1);
        Normalised flow = new Normalised(identity(n, n, 1), new Normalisation.Pre(), 1);
        double[] state = Adaptive.DEFAULT.run(flow, flow.start(x), 0, 300).last();
        double[] theta = flow.positions(300, state);
        double gap = Geometry.squaredDistance(theta, 0, theta, 1, n) / 2;
        assertThat(gap * 300 * 300).isCloseTo(1.067, within(.02));
    }

    /** Rows of the root of the Gram matrix have its inner products. */
    private static double[] equiangular(int n, double gamma) {
        double[] gram = new double[n * n];
        for (int i = 0; i < n * n; i++) {
            gram[i] = i / n == i % n ? 1 : gamma;
        }
        return Matrix.of(n, n, gram).root().values();
    }
}
