package dev.inlay.training.run;

import dev.inlay.training.StepReport;
import java.util.Locale;

/**
 * One step of a run, as shown to people and scraped by programs.
 *
 * @param report what the step did
 * @param steps of the whole run
 * @param tokens read since the run began, over all resumptions
 * @param memory of the process after the step
 */
public record StepRecord(StepReport report, int steps, long tokens, ProcessMemory memory) {
    private static final double GIGABYTE = 1e9;
    /** Below it two decimals would show nothing. */
    private static final double SMALL = 0.01;

    /** Tokens per second of this step; 0 where the clock saw no time pass. */
    public double rate() {
        return report.seconds() > 0 ? report.tokens() / report.seconds() : 0;
    }

    /**
     * The step as one line whose form is public API, version 1. Fields may be added at its end, none changes.
     *
     * <pre>{@code step 120/1000 loss 1.8342 lr 9.8e-05 grad 0.71 tok/s 12473 tokens 983040 mem 21.3GB}</pre>
     *
     * <ul>
     *   <li>{@code step}: this step and those of the whole run
     *   <li>{@code loss}: sum over the step's target tokens divided by their number, in nats; four decimals
     *   <li>{@code lr}: learning rate of the step; two digits with exponent
     *   <li>{@code grad}: norm of the gradient before clipping; two decimals, or two digits with exponent below 0.01
     *   <li>{@code tok/s}: tokens read per second of the step
     *   <li>{@code tokens}: tokens read since the run began
     *   <li>{@code mem}: peak memory of the process in units of 10^9 bytes; one decimal
     * </ul>
     */
    public String line() {
        double norm = report.gradientNorm();
        return String.format(
                Locale.ROOT,
                "step %d/%d loss %.4f lr %.1e grad %s tok/s %.0f tokens %d mem %.1fGB",
                report.step(),
                steps,
                report.loss(),
                report.learningRate(),
                String.format(Locale.ROOT, norm > 0 && norm < SMALL ? "%.1e" : "%.2f", norm),
                rate(),
                tokens,
                memory.peak() / GIGABYTE);
    }
}
