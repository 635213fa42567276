package dev.inlay.dynamics;

import static dev.inlay.dynamics.References.assertToken;
import static dev.inlay.dynamics.References.plain;
import static dev.inlay.dynamics.References.reference;
import static dev.inlay.dynamics.References.rescaled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

/** The published bifurcation data (arXiv 2402.15415v1, figure of its article), reproduced, and corrected where it errs. */
class PublishedBifurcationTest {
    private static final double[] EPS = {
        .0016, .0017, .0018, .0019, .002, .0021, .0022, .0023, .003, .004, .005, .006, .007, .008, .009, .010, .011,
        .012, .015, .025, .030, .040, .05, .055, .060, .065
    };
    private static final double[] BIFURCATION = {
        337.0, 317.1, 299.5, 283.8, 269.4, 256.6, 244.9, 234.2, 179.4, 134.4, 107.4, 89.4, 76.6, 66.9, 59.4, 53.4, 48.5,
        44.4, 35.5, 21.0, 17.3, 12.8, 10.0, 9.0, 8.2, 7.4
    };
    private static final double[] CLUSTERING = {
        4.7, 4.7, 4.7, 4.7, 4.7, 4.7, 4.7, 4.7, 4.7, 4.7, 4.6, 4.6, 4.6, 4.6, 4.6, 4.6, 4.5, 4.5, 4.4, 4.4, 4.4, 4.2,
        4.2, 4.1, 4.0, 4.0
    };
    private static final double[] START = References.uniform(42, 40);

    private static Paired.Times paper(double eps) {
        double[] base = Steps.run(rescaled(20, 2), new Scheme.Euler(), START, 0, .1, 200)
                .last();
        return new Paired(20, 2, base, .1)
                .times(new Rescaled(20, References.slowed(eps), plain()), new Scheme.Euler(), START, .1, 6000);
    }

    @Test
    void startIsNumpys() {
        Mersenne random = new Mersenne(42);
        assertThat(random.uniform()).isEqualTo(.3745401188473625);
        assertThat(random.uniform()).isEqualTo(.9507143064099162);
        assertThat(random.uniform()).isEqualTo(.7319939418114051);
    }

    @Test
    void allValidPointsAgreeToATenth() {
        for (int k = 0; k < EPS.length; k++) {
            Paired.Times times = paper(EPS[k]);
            assertThat(times.bifurcation().orElseThrow()).isCloseTo(BIFURCATION[k], within(.1001));
            assertThat(times.clustering().orElseThrow()).isCloseTo(CLUSTERING[k], within(.1001));
        }
    }

    /** The published 356.1 is where e^(2t) overflows; the published last pair belongs to another change. */
    @Test
    void twoPointsAreCorrected() {
        assertThat(paper(.001).bifurcation().orElseThrow()).isCloseTo(539.5, within(.05));
        assertThat(paper(.075).clustering().orElseThrow()).isCloseTo(4.0, within(.05));
        assertThat(paper(.075).bifurcation().orElseThrow()).isCloseTo(6.1, within(.05));
        assertThat(paper(.1).clustering().orElseThrow()).isCloseTo(5.2, within(.05));
        assertThat(paper(.1).bifurcation().orElseThrow()).isCloseTo(5.7, within(.05));
    }

    @Test
    void paperAndExactVerticesAndConstantsDiffer() {
        double[] paper = Steps.run(rescaled(20, 2), new Scheme.Euler(), START, 0, .1, 200)
                .last();
        assertToken(paper, 0, -.7087, .6767, 5e-5);
        assertToken(paper, 2, -.3042, -.3522, 5e-5);
        assertThat(Bifurcation.constant(paper, .1).orElseThrow()).isCloseTo(.54008, within(5e-6));
        double[] exact = reference(rescaled(20, 2), START, 20);
        assertToken(exact, 0, -.7366, .7092, 5e-5);
        assertToken(exact, 2, -.3259, -.3863, 5e-5);
        assertThat(Bifurcation.constant(exact, .1).orElseThrow()).isCloseTo(.57546, within(5e-6));
    }

    @Test
    void exactTimes() {
        Paired paired = new Paired(20, 2, reference(rescaled(20, 2), START, 20), .1);
        double[] eps = {.1, .05, .01};
        double[] bifurcation = {4.28, 10.84, 57.00};
        double[] clustering = {3.94, 4.14, 4.58};
        for (int k = 0; k < eps.length; k++) {
            Paired.Times times = paired.times(
                    new Rescaled(20, References.slowed(eps[k]), plain()), new Scheme.RungeKutta(), START, .02, 4000);
            assertThat(times.bifurcation().orElseThrow()).isCloseTo(bifurcation[k], within(1e-9));
            assertThat(times.clustering().orElseThrow()).isCloseTo(clustering[k], within(1e-9));
        }
        // The smallest change through the tail instead of 29,000 steps.
        Rescaled changed = new Rescaled(20, References.slowed(.001), plain());
        double[] z = Adaptive.REFERENCE.run(changed, START, 0, 12).last();
        Tail.Course course = new Tail(20, References.slowed(.001), false).run(z, 12, 1000);
        assertThat(course.firstAbove(paired::distance, .1).orElseThrow()).isCloseTo(574.94, within(.0201));
    }
}
