package dev.inlay.training.run;

import dev.inlay.InlayException;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.AtomicDirectory.Existing;
import dev.inlay.model.files.AtomicFile;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.RegularFile;
import dev.inlay.model.files.StrictUtf8;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The directory of one run, with one writer at a time.
 *
 * <table>
 * <caption>Files</caption>
 * <tr><td>{@code run.json}</td><td>{@link RunRecord}</td></tr>
 * <tr><td>{@code config.yaml}</td><td>the resolved configuration as the caller gave it</td></tr>
 * <tr><td>{@code metrics.jsonl}</td><td>{@link Metrics}</td></tr>
 * <tr><td>{@code checkpoint-NNNNNN/}</td><td>{@link Checkpoints}: the state after that step</td></tr>
 * <tr><td>{@code latest}, {@code best}</td><td>the name of a checkpoint and a line end; {@code best} only after an
 *     evaluation</td></tr>
 * <tr><td>{@code adapter/} or {@code model/}</td><td>the result, a PEFT or model directory: of the best checkpoint, or of the last one where nothing
 *     was evaluated</td></tr>
 * <tr><td>{@code lock}</td><td>locked while a process writes the run; holds its number</td></tr>
 * </table>
 *
 * <p>Every file but the metrics appears whole or not at all. The directory itself appears together with its record.
 */
public final class RunDirectory implements AutoCloseable {
    private static final String RECORD = "run.json";
    private static final int LONGEST_POINTER = 1000;

    private final Path path;
    private final RunRecord record;
    private final RunLock lock;
    private final List<String> notes = new ArrayList<>();

    private RunDirectory(Path path, RunRecord record) {
        this.path = path;
        this.record = record;
        this.lock = RunLock.take(path);
    }

    /**
     * Begins a run.
     *
     * @param config text of {@code config.yaml}
     * @throws InlayException if there is anything at this path
     */
    public static RunDirectory create(Path path, RunRecord record, String config) {
        if (Files.exists(path.resolve(RECORD))) {
            throw InlayException.usage(
                    "%s: a run of this name exists and is never overwritten; resume it, or choose another name", path);
        }
        String name = String.valueOf(path.getFileName());
        AtomicDirectory.Body body = directory -> {
            Files.writeString(directory.resolve("config.yaml"), config);
            Files.write(directory.resolve(RECORD), Json.bytes(record.toJson(name)));
        };
        AtomicDirectory.write(path, Existing.REFUSE, body, directory -> Json.readObject(directory.resolve(RECORD)));
        RunDirectory run = new RunDirectory(path, record);
        run.noteUnfinishedStarts(name);
        return run;
    }

    /** They may be another process's, which is just starting, so they are only named. */
    private void noteUnfinishedStarts(String name) {
        for (Path leftover : AtomicDirectory.leftovers(path.resolveSibling(""))) {
            if (String.valueOf(leftover.getFileName()).startsWith("." + name + ".")) {
                notes.add(leftover + ": left by a start of this run that was interrupted; it can be removed");
            }
        }
    }

    /**
     * Takes up a run that was begun, and removes what interrupted saves have left in its directory.
     *
     * @throws InlayException if there is none, another process writes it, or it was begun with other settings or inputs
     */
    public static RunDirectory resume(Path path, RunRecord record) {
        if (!Files.exists(path.resolve(RECORD))) {
            throw InlayException.usage("%s: no run was begun here; start one without resuming", path);
        }
        RunDirectory run = new RunDirectory(path, record);
        try {
            run.notes.addAll(record.requireSame(Json.readObject(path.resolve(RECORD))));
            run.removeLeftovers();
            return run;
        } catch (RuntimeException e) {
            run.close();
            throw e;
        }
    }

    private void removeLeftovers() {
        for (Path leftover : AtomicDirectory.leftovers(path)) {
            AtomicDirectory.delete(leftover);
            notes.add(leftover.getFileName() + ": left by an interrupted save, removed");
        }
    }

    public Path path() {
        return path;
    }

    /** What the run is. */
    public RunRecord record() {
        return record;
    }

    /** What a user should know about taking up the run, one line each. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /** The directory of the newest checkpoint. */
    public Optional<Path> latest() {
        return pointed("latest");
    }

    /** The directory of the checkpoint with the lowest evaluation loss. */
    public Optional<Path> best() {
        return pointed("best");
    }

    private Optional<Path> pointed(String pointer) {
        Path file = path.resolve(pointer);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String name = StrictUtf8.decode(RegularFile.read(file, LONGEST_POINTER), file.toString())
                .strip();
        if (!Checkpoints.NAME.matcher(name).matches()) {
            throw InlayException.data("%s: the name of a checkpoint is expected, found \"%s\"", file, name);
        }
        return Optional.of(path.resolve(name));
    }

    void point(String pointer, String checkpoint) {
        AtomicFile.write(path.resolve(pointer), checkpoint + "\n");
    }

    /** Lets another process write the run. */
    @Override
    public void close() {
        lock.close();
    }
}
