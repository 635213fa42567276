package dev.inlay.app.cli;

import dev.inlay.engine.Workers;
import dev.inlay.training.MachineRate;
import dev.inlay.training.TrainingCost;
import dev.inlay.training.Workload;
import dev.inlay.training.data.Step;
import dev.inlay.training.data.Units;
import java.time.Duration;
import java.util.Locale;

/**
 * How much work a run is.
 *
 * @param tokens of input, over all steps
 * @param operations floating-point operations per token
 * @param rate operations per second of large products on this machine now
 */
record WorkPlan(long tokens, double operations, double rate) {
    /** Share of the rate that training reaches as a rule. */
    private static final double EFFICIENCY = 0.6;

    private static final int LOOKED_AT = 32;

    /** @param saving how many times less work than rows computed whole */
    static WorkPlan of(Units units, int steps, Workload work, double saving, Workers workers) {
        int looked = Math.min(LOOKED_AT, units.stepsPerEpoch());
        long tokens = 0;
        long targets = 0;
        for (int i = 0; i < looked; i++) {
            Step step = units.step(i);
            tokens += step.tokens();
            targets += step.targets();
        }
        double labelled = (double) targets / Math.max(1, tokens);
        return new WorkPlan(
                tokens * steps / looked,
                TrainingCost.of(work, labelled).total() / saving,
                MachineRate.measure(workers, work.type()));
    }

    /** Expected duration of all steps. */
    double seconds() {
        return tokens * operations / (rate * EFFICIENCY);
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "about %s: %,d tokens of %.3g operations, at %.0f %% of the %.0f GFLOP/s that this machine reaches now",
                time(),
                tokens,
                operations,
                100 * EFFICIENCY,
                rate * 1e-9);
    }

    private String time() {
        Duration duration = Duration.ofSeconds((long) Math.ceil(seconds()));
        return duration.toHours() > 0
                ? duration.toHours() + " h " + duration.toMinutesPart() + " min"
                : duration.toMinutes() > 0
                        ? duration.toMinutes() + " min " + duration.toSecondsPart() + " s"
                        : duration.toSeconds() + " s";
    }
}
