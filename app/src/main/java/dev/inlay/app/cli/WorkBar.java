package dev.inlay.app.cli;

import java.util.function.LongConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows how far work of a known size is, with rate and time left; only on a terminal. */
final class WorkBar implements LongConsumer, AutoCloseable {
    private final @Nullable ProgressBar bar;

    WorkBar(Console console, String task, long size) {
        bar = Console.isTerminal() && !console.isQuiet()
                ? new ProgressBarBuilder()
                        .setTaskName(task)
                        .setInitialMax(size)
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(200)
                        .showSpeed()
                        .build()
                : null;
    }

    @Override
    public void accept(long done) {
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    /** So much more is done, on whatever thread. */
    void more(long done) {
        if (bar != null) {
            bar.stepBy(done);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
