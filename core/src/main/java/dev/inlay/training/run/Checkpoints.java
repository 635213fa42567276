package dev.inlay.training.run;

import dev.inlay.InlayException;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.AtomicDirectory.Existing;
import dev.inlay.model.files.Json;
import dev.inlay.training.Progress;
import dev.inlay.training.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checkpoints of a run: directories {@code checkpoint-NNNNNN}, named by the steps taken.
 *
 * <table>
 * <caption>Files of a checkpoint</caption>
 * <tr><td>the files of {@link AdapterProduct} or {@link ModelProduct}</td><td>what is trained, as PEFT or transformers
 *     reads it</td></tr>
 * <tr><td>{@code state/optimiser.safetensors}</td><td>AdamW's moments {@code mean} and {@code square}, each F32 [count] in
 *     the order of {@link dev.inlay.training.Trainable#values}</td></tr>
 * <tr><td>{@code state/state.json}</td><td>{@link CheckpointState}</td></tr>
 * </table>
 *
 * <p>Nothing random is saved: the order of the data and dropout follow from seed, epoch and step.
 *
 * <p>A checkpoint appears whole, forced to disk and read again, before {@code latest} and {@code best} name it and before
 * an older one is removed. The best one is kept, and of the others as many of the newest as were asked for.
 */
public final class Checkpoints {
    private static final String PREFIX = "checkpoint-";
    /** The name of a checkpoint. */
    static final Pattern NAME = Pattern.compile(PREFIX + "\\d{6,9}");
    /** The probe's loss is computed by the same kernels from the same bits; this leaves room for another processor. */
    private static final double PROBE_TOLERANCE = 1e-6;
    /** Headers, configuration, model card and state, generously. */
    private static final long OVERHEAD = 64 << 10;

    private final RunDirectory run;
    private final CheckpointFiles files;
    private final Probe probe;
    private final int keep;

    /**
     * The checkpoints in a run's directory.
     *
     * @param product how what the run trains lies on disk
     * @param keep how many of the newest stay, the best one aside; 0 for all
     */
    public Checkpoints(RunDirectory run, Product product, Probe probe, int keep) {
        InlayException.require(keep >= 0, "checkpoints to keep must not be negative, was %d; 0 is all", keep);
        this.keep = keep;
        this.run = run;
        this.files = new CheckpointFiles(product);
        this.probe = probe;
    }

    /** Where a run goes on, and what was found on the way. */
    record Restored(String name, CheckpointState state, List<String> notes) {}

    RunDirectory run() {
        return run;
    }

    static String name(int step) {
        return String.format(Locale.ROOT, PREFIX + "%06d", step);
    }

    /**
     * Saves the state of a trainer.
     *
     * @param metricsLines lines of the metrics so far
     * @return the checkpoint's name
     * @throws InlayException if a value is not finite or the disk is full; earlier checkpoints are untouched then
     */
    String save(Trainer trainer, long metricsLines) {
        requireFinite(trainer);
        requireSpace(trainer.trained().count());
        Progress progress = trainer.progress();
        String name = name(progress.step());
        double loss = probe.loss(trainer.trained());
        AtomicDirectory.Body body = directory -> {
            files.write(directory, trainer);
            CheckpointState state = new CheckpointState(
                    progress,
                    loss,
                    metricsLines,
                    run.record().hash(),
                    CheckpointState.hashes(directory, files.exact()));
            Files.write(directory.resolve(CheckpointState.FILE), Json.bytes(state.toJson()));
        };
        AtomicDirectory.write(run.path().resolve(name), Existing.REPLACE, body, directory -> {
            CheckpointState.read(directory, files.exact());
            files.requireSame(directory, trainer);
        });
        settle(progress);
        return name;
    }

    private void requireFinite(Trainer trainer) {
        boolean finite = trainer.trained().values().isFinite()
                && trainer.optimiser().mean().isFinite()
                && trainer.optimiser().square().isFinite();
        if (!finite) {
            throw InlayException.diverged(
                    "step %d: the %s holds NaN or infinite values and is not saved (%s); lower the learning rate",
                    trainer.progress().step(), files.product().name(), intact());
        }
    }

    private void requireSpace(long count) {
        long needed = 3 * Float.BYTES * count + OVERHEAD;
        try {
            long free = Files.getFileStore(run.path()).getUsableSpace();
            if (free < needed) {
                throw InlayException.data(
                        "%s: the disk is full: %d bytes are needed for a checkpoint, %d are free (%s); "
                                + "make room and resume",
                        run.path(), needed, free, intact());
            }
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private String intact() {
        return run.latest().map(path -> path.getFileName() + " is intact").orElse("there is no earlier checkpoint");
    }

    /** Names the checkpoint of this progress and the best one, and removes those that are not to be kept. */
    private void settle(Progress progress) {
        run.point("latest", name(progress.step()));
        String best = name(progress.bestStep());
        if (progress.bestStep() > 0 && Files.isDirectory(run.path().resolve(best))) {
            run.point("best", best);
        }
        int newest = 0;
        for (Path directory : all()) {
            // A later one was damaged: the run went on from an earlier one.
            boolean later = step(directory) > progress.step();
            boolean kept = !later && (keep == 0 || newest++ < keep);
            boolean isBest = progress.bestStep() > 0 && step(directory) == progress.bestStep();
            if (!kept && !isBest) {
                AtomicDirectory.delete(directory);
            }
        }
    }

    /** The checkpoints, the newest first. */
    private List<Path> all() {
        try (Stream<Path> entries = Files.list(run.path())) {
            return entries.filter(path ->
                            NAME.matcher(String.valueOf(path.getFileName())).matches())
                    .sorted(Comparator.comparingInt(Checkpoints::step).reversed())
                    .toList();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private static int step(Path directory) {
        return Integer.parseInt(String.valueOf(directory.getFileName()).substring(PREFIX.length()));
    }

    /**
     * Puts a trainer where the newest complete checkpoint stood.
     *
     * @return empty where no checkpoint was ever complete: the run begins anew
     * @throws InlayException if there are checkpoints and none is complete, if it is another run's, or if the probe's loss
     *     is not what it was
     */
    Optional<Restored> resume(Trainer trainer) {
        List<String> notes = new ArrayList<>(run.notes());
        List<Path> candidates = all();
        for (Path directory : candidates) {
            Optional<CheckpointState> state = complete(directory, notes);
            if (state.isPresent()) {
                restore(directory, state.get(), trainer);
                return Optional.of(new Restored(String.valueOf(directory.getFileName()), state.get(), notes));
            }
        }
        if (!candidates.isEmpty()) {
            throw InlayException.data(
                    "%s: none of %d checkpoints is complete (%s); start a new run under another name",
                    run.path(), candidates.size(), notes.get(notes.size() - 1));
        }
        return Optional.empty();
    }

    private Optional<CheckpointState> complete(Path directory, List<String> notes) {
        try {
            CheckpointState state = CheckpointState.read(directory, files.exact());
            if (state.progress().step() != step(directory)) {
                throw InlayException.data(
                        "%s: says step %d, which its directory's name does not",
                        directory.resolve(CheckpointState.FILE),
                        state.progress().step());
            }
            return Optional.of(state);
        } catch (InlayException e) {
            notes.add(directory.getFileName() + " is skipped, it is incomplete: " + e.getMessage());
            return Optional.empty();
        }
    }

    private void restore(Path directory, CheckpointState state, Trainer trainer) {
        if (!state.run().equals(run.record().hash())) {
            throw InlayException.data(
                    "%s: was made by a run with the hash %s, this one has %s; remove what does not belong here",
                    directory, state.run(), run.record().hash());
        }
        files.restore(directory, trainer);
        double loss = probe.loss(trainer.trained());
        double saved = state.probeLoss();
        if (!(Math.abs(loss - saved) <= PROBE_TOLERANCE * Math.abs(saved))) {
            throw InlayException.diverged(
                    "%s: the probe's loss was %s when it was saved and is %s now: the base or the build is another one; "
                            + "resume with the same, or start a new run",
                    directory, saved, loss);
        }
        trainer.resume(state.progress());
        settle(state.progress());
    }

    /** Writes {@code adapter/} or {@code model/}: of the best checkpoint, or of the last where nothing was evaluated. */
    Path publish(Progress progress) {
        int step = progress.bestStep() > 0 ? progress.bestStep() : progress.step();
        Path source = run.path().resolve(name(step));
        Path target = run.path().resolve(files.product().name());
        AtomicDirectory.Body body = directory -> {
            try (Stream<Path> entries = Files.list(source)) {
                for (Path file : entries.filter(Files::isRegularFile).toList()) {
                    Files.copy(file, directory.resolve(source.relativize(file)));
                }
            }
        };
        AtomicDirectory.write(target, Existing.REPLACE, body, files.product()::requireReadable);
        return target;
    }

    private InlayException unreadable(IOException e) {
        return InlayException.data("%s: cannot be read: %s", run.path(), e.getMessage())
                .causedBy(e);
    }
}
