package dev.inlay.app.cli;

import dev.inlay.training.Evaluation;
import dev.inlay.training.Progress;
import dev.inlay.training.run.RunDisplay;
import dev.inlay.training.run.StepRecord;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * Shows a run on standard error: on a terminal one bar, elsewhere records, one line each.
 *
 * <p>The records are public API, version 1. A step is {@link StepRecord#line}; of a long run about one in a hundred is
 * shown, the first and the last always ({@code metrics.jsonl} has them all). An evaluation is
 * {@code eval 120/1000 loss 1.8342 ppl 6.2602 best 1.8342 at 120}, a checkpoint {@code saved checkpoint-000120}.
 */
final class RunConsole implements RunDisplay, AutoCloseable {
    private static final int RECORDS = 100;

    private final Console console;
    private final int steps;
    private final int every;
    private final @Nullable ProgressBar bar;
    private double loss = Double.NaN;
    private String validation = "";

    RunConsole(Console console, int steps) {
        this.console = console;
        this.steps = steps;
        this.every = Math.max(1, steps / RECORDS);
        this.bar = Console.isTerminal() && !console.isQuiet() ? bar(steps) : null;
    }

    private static ProgressBar bar(int steps) {
        return new ProgressBarBuilder()
                .setTaskName("train")
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .build();
    }

    @Override
    public void stepped(StepRecord step) {
        double now = step.report().loss();
        if (bar != null) {
            String mark = now <= loss || Double.isNaN(loss) ? "v" : "^";
            bar.stepTo(step.report().step());
            bar.setExtraMessage(String.format(
                    Locale.ROOT,
                    "loss %.4f%s%s lr %.1e grad %.2f %.0f tok/s %,d tokens %s",
                    now,
                    mark,
                    validation,
                    step.report().learningRate(),
                    step.report().gradientNorm(),
                    step.rate(),
                    step.tokens(),
                    Numbers.bytes(step.memory().peak())));
        } else if (step.report().step() % every == 0
                || step.report().step() == 1
                || step.report().step() == steps) {
            console.note(step.line());
        }
        loss = now;
    }

    @Override
    public void evaluated(Evaluation.Result result, Progress progress) {
        validation = String.format(Locale.ROOT, " valid %.4f", result.loss());
        record(String.format(
                Locale.ROOT,
                "eval %d/%d loss %.4f ppl %.4f best %.4f at %d",
                progress.step(),
                steps,
                result.loss(),
                result.perplexity(),
                progress.bestLoss(),
                progress.bestStep()));
    }

    @Override
    public void saved(String checkpoint, Progress progress) {
        record("saved " + checkpoint);
    }

    @Override
    public void noted(String line) {
        record(line);
    }

    @Override
    public void warned(String message) {
        console.warn(message);
    }

    private void record(String line) {
        if (bar == null) {
            console.note(line);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
