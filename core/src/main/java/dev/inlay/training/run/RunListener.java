package dev.inlay.training.run;

import dev.inlay.training.Evaluation;
import dev.inlay.training.Progress;
import dev.inlay.training.StepReport;
import dev.inlay.training.Trainer;
import dev.inlay.training.TrainingListener;
import dev.inlay.training.data.FileStamp;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Writes a run down as it goes on: metrics, checkpoints where they are due and at each new best. */
final class RunListener implements TrainingListener {
    private final Trainer trainer;
    private final Checkpoints checkpoints;
    private final Metrics metrics;
    private final RunDisplay display;
    private final Set<String> warnings;
    private int savedStep;
    private int epoch;

    /** Continues with these metrics where the trainer stands, which is saved already unless it is at its start. */
    RunListener(Trainer trainer, Checkpoints checkpoints, Metrics metrics, RunDisplay display) {
        this.trainer = trainer;
        this.checkpoints = checkpoints;
        this.metrics = metrics;
        this.display = display;
        this.warnings = new LinkedHashSet<>(metrics.warnings());
        this.savedStep = trainer.progress().step();
    }

    @Override
    public void stepped(StepReport report) {
        int steps = checkpoints.run().record().options().steps();
        StepRecord step = new StepRecord(report, steps, trainer.progress().tokens(), ProcessMemory.now());
        metrics.append(Event.step(step));
        display.stepped(step);
        if (report.epoch() != epoch) {
            epoch = report.epoch();
            checkpoints.run().record().inputs().data().forEach(FileStamp::verify);
        }
    }

    @Override
    public void evaluated(Evaluation.Result result, Progress progress) {
        metrics.append(Event.evaluation(result, progress));
        display.evaluated(result, progress);
        if (progress.isBest()) {
            checkpoint(progress);
        }
    }

    @Override
    public void checkpoint(Progress progress) {
        if (savedStep == progress.step()) {
            return;
        }
        metrics.force();
        String name = checkpoints.save(trainer, metrics.lines());
        savedStep = progress.step();
        metrics.append(Event.checkpoint(progress, name));
        display.saved(name, progress);
    }

    @Override
    public void warned(String message) {
        if (warnings.add(message)) {
            metrics.append(Event.warning(trainer.progress().step(), message));
            display.warned(message);
        }
    }

    /** All warnings of the run, also those before it was resumed. */
    List<String> warnings() {
        return List.copyOf(warnings);
    }
}
