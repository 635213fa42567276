package dev.inlay.training.run;

import dev.inlay.InlayException;
import dev.inlay.training.Progress;
import dev.inlay.training.Trainer;
import dev.inlay.training.TrainingOptions;
import dev.inlay.training.data.FileStamp;
import dev.inlay.training.data.Unit;
import dev.inlay.training.data.Units;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A training run that leaves a trace and can be stopped at any moment: by request, by a failure, by {@code kill -9}.
 * Resumed, it ends with the same bytes as if it had never been stopped.
 *
 * <pre>{@code
 * try (RunDirectory directory = resuming
 *         ? RunDirectory.resume(path, record)
 *         : RunDirectory.create(path, record, yaml)) {
 *     Checkpoints checkpoints = new Checkpoints(directory, product, Probe.of(decoder, workers, units), 1);
 *     Outcome outcome = new TrainingRun(trainer, checkpoints, display).fit(units, evaluation);
 * }
 * }</pre>
 */
public final class TrainingRun {
    private final Trainer trainer;
    private final Checkpoints checkpoints;
    private final RunDirectory directory;
    private final RunDisplay display;

    /**
     * A run of a new trainer.
     *
     * @param trainer at its start, with its values as initialised and the options of the run's record
     */
    public TrainingRun(Trainer trainer, Checkpoints checkpoints, RunDisplay display) {
        this.trainer = trainer;
        this.checkpoints = checkpoints;
        this.directory = checkpoints.run();
        this.display = display;
    }

    /** How a run ended. */
    public enum Status {
        /** All steps are taken. */
        DONE,
        /** No better evaluation for as many as the options allow. */
        EARLY,
        /** On request, before its end; it can be resumed. */
        STOPPED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What a run came to.
     *
     * @param status how it ended
     * @param progress where it stands
     * @param warnings each once
     * @param base checksum of the frozen base, the same before and after; empty where all weights are trained
     * @param result its directory: {@code adapter/} or {@code model/}, or the last checkpoint of a stopped run, if there is one
     */
    public record Outcome(
            Status status, Progress progress, List<String> warnings, Optional<String> base, Optional<Path> result) {
        public Outcome {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * Goes on from the newest complete checkpoint, if there is one, to the end of the run.
     *
     * @param evaluation units to evaluate on, or none
     * @throws InlayException as {@link Trainer#fit}, or if the frozen base is not what it was: nothing is published
     */
    public Outcome fit(Units units, List<Unit> evaluation) {
        directory.record().inputs().data().forEach(FileStamp::verify);
        Optional<Checkpoints.Restored> restored = checkpoints.resume(trainer);
        long keep = restored.map(from -> from.state().metricsLines()).orElse(0L);
        try (Metrics metrics = Metrics.open(directory.path().resolve("metrics.jsonl"), keep)) {
            begin(metrics, restored);
            RunListener listener = new RunListener(trainer, checkpoints, metrics, display);
            try {
                return fit(units, evaluation, listener, metrics);
            } catch (RuntimeException e) {
                recordFailure(metrics, listener, e);
                throw e;
            }
        }
    }

    private void begin(Metrics metrics, Optional<Checkpoints.Restored> restored) {
        if (restored.isEmpty()) {
            directory.notes().forEach(display::noted);
            metrics.append(Event.start(
                    directory.record().options().steps(), trainer.trained().count()));
            return;
        }
        Checkpoints.Restored from = restored.get();
        from.notes().forEach(display::noted);
        display.noted("resumed from " + from.name());
        metrics.append(Event.checkpoint(from.state().progress(), from.name()));
    }

    private Outcome fit(Units units, List<Unit> evaluation, RunListener listener, Metrics metrics) {
        Optional<String> base = trainer.frozen();
        if (status() == Status.STOPPED) {
            trainer.fit(units, evaluation, listener);
        }
        requireSame(base, trainer.frozen());
        Status status = status();
        Progress progress = trainer.progress();
        Optional<Path> result =
                status == Status.STOPPED ? directory.latest() : Optional.of(checkpoints.publish(progress));
        metrics.append(Event.end(status.word(), progress, listener.warnings()));
        metrics.force();
        return new Outcome(status, progress, listener.warnings(), base, result);
    }

    /** An adapter of other weights than those of the files fits no model that exists. */
    private static void requireSame(Optional<String> before, Optional<String> after) {
        if (!after.equals(before)) {
            throw InlayException.adapter(
                    "the weights of the frozen base changed in memory during the run (%s, before %s), so the adapter fits no"
                            + " model; check the machine's memory, and start a new run",
                    after.orElse("none"), before.orElse("none"));
        }
    }

    private Status status() {
        TrainingOptions options = directory.record().options();
        Progress progress = trainer.progress();
        if (progress.step() >= options.steps()) {
            return Status.DONE;
        }
        return options.patience() > 0 && progress.stale() >= options.patience() ? Status.EARLY : Status.STOPPED;
    }

    /** The failure itself matters more than that it could not be written down. */
    private void recordFailure(Metrics metrics, RunListener listener, RuntimeException failure) {
        try {
            Event end = Event.end("failed", trainer.progress(), listener.warnings());
            metrics.append(end.with("message", String.valueOf(failure.getMessage())));
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }
}
