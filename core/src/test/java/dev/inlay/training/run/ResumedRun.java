package dev.inlay.training.run;

import dev.inlay.training.TrainingOptions;
import java.nio.file.Path;

/** A short run that was stopped, and what is read when it is taken up, for tests of other packages. */
public final class ResumedRun {
    private static final TrainingOptions OPTIONS = TinyJob.options(4, 0, 0, 2);

    private ResumedRun() {}

    /** Trains for two of four steps. */
    public static void write(Path run) {
        try (TinyJob job = new TinyJob(OPTIONS, 1)) {
            job.run(run, new RunDisplay() {
                @Override
                public void stepped(StepRecord step) {
                    if (step.report().step() == 2) {
                        job.trainer().requestStop();
                    }
                }
            });
        }
    }

    /** Reads the record, the pointers, the newest complete checkpoint and the metrics, and trains no further. */
    public static void read(Path run) {
        try (TinyJob job = new TinyJob(OPTIONS, 1);
                RunDirectory directory = RunDirectory.resume(run, job.record())) {
            directory.latest();
            directory.best();
            long lines = job.checkpoints(directory)
                    .resume(job.trainer())
                    .map(restored -> restored.state().metricsLines())
                    .orElse(0L);
            try (Metrics metrics = Metrics.open(run.resolve("metrics.jsonl"), lines)) {
                metrics.warnings();
            }
        }
    }
}
