package dev.inlay.app.experiments.flags;

import static dev.inlay.app.experiments.flags.FlagMeasuresTest.flag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlagReportTest {
    private static final int RESAMPLES = 400;

    @Test
    void sameSeedGivesTheSameIntervals() {
        List<ScoredFlag> flags = FlagMeasuresTest.random(1, 60);
        assertThat(FlagReport.of(flags, RESAMPLES, 7)).isEqualTo(FlagReport.of(flags, RESAMPLES, 7));
        assertThat(FlagReport.of(flags, RESAMPLES, 7)).isNotEqualTo(FlagReport.of(flags, RESAMPLES, 8));
    }

    /** Copies of a row in its own task are no further evidence. */
    @Test
    void rowsOfATaskAreDrawnTogether() {
        List<ScoredFlag> flags = FlagMeasuresTest.random(2, 60);
        List<ScoredFlag> copied = new ArrayList<>();
        List<ScoredFlag> apart = new ArrayList<>();
        for (int i = 0; i < flags.size(); i++) {
            ScoredFlag one = flags.get(i);
            for (int copy = 0; copy < 4; copy++) {
                copied.add(one);
                apart.add(flag(100 * i + copy, one.truth(), one.logit()));
            }
        }
        FlagReport once = FlagReport.of(flags, RESAMPLES, 3);
        FlagReport together = FlagReport.of(copied, RESAMPLES, 3);
        assertThat(together.auroc()).isEqualTo(once.auroc());
        assertThat(together.balanced()).isEqualTo(once.balanced());
        assertThat(width(FlagReport.of(apart, RESAMPLES, 3).auroc())).isLessThan(0.7 * width(once.auroc()));
    }

    /** For independent rows the interval of a share is that of the binomial distribution. */
    @Test
    void intervalOfAShareHasTheBinomialWidth() {
        List<ScoredFlag> flags = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            flags.add(flag(i, Verdict.FAIL, i % 5 == 0 ? -1 : 1));
        }
        FlagReport report = FlagReport.of(flags, 1000, 5);
        double width = 2 * 1.96 * Math.sqrt(0.8 * 0.2 / 400);
        assertThat(width(report.failRight())).isCloseTo(width, within(0.15 * width));
        assertThat(report.failRight().low()).isLessThan(0.8);
        assertThat(report.failRight().high()).isGreaterThan(0.8);
        assertThat(report.auroc().low()).isNaN();
    }

    private static double width(Interval interval) {
        return interval.high() - interval.low();
    }
}
