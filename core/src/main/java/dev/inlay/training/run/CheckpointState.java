package dev.inlay.training.run;

import dev.inlay.InlayException;
import dev.inlay.model.files.Fingerprint;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.training.Progress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a checkpoint knows beside values and moments: the file {@code state/state.json}.
 *
 * <table>
 * <caption>Keys</caption>
 * <tr><td>{@code format}</td><td>1</td></tr>
 * <tr><td>{@code step}</td><td>steps taken; learning rate, order of the data and dropout follow from it</td></tr>
 * <tr><td>{@code tokens}, {@code targets}</td><td>read so far</td></tr>
 * <tr><td>{@code last_loss}</td><td>of the last step</td></tr>
 * <tr><td>{@code best_loss}, {@code best_step}</td><td>lowest evaluation loss and its step; absent and 0 before</td></tr>
 * <tr><td>{@code stale}</td><td>evaluations since then</td></tr>
 * <tr><td>{@code probe_loss}</td><td>loss of the probe with these values</td></tr>
 * <tr><td>{@code metrics_lines}</td><td>lines of {@code metrics.jsonl} before the checkpoint's own</td></tr>
 * <tr><td>{@code run}</td><td>SHA-256 of the run's options, settings, seeds and inputs</td></tr>
 * <tr><td>{@code sha256}</td><td>hashes of the checkpoint's other files that resuming reads, by their names</td></tr>
 * </table>
 *
 * <p>Numbers are written so that they are read again bit for bit.
 */
record CheckpointState(Progress progress, double probeLoss, long metricsLines, String run, Map<String, String> hashes) {
    static final String FOLDER = "state";
    static final String FILE = FOLDER + "/state.json";
    static final String OPTIMISER = FOLDER + "/optimiser.safetensors";
    private static final int FORMAT = 1;

    /** Hashes of the other files, once they are written. */
    static Map<String, String> hashes(Path checkpoint, List<String> names) {
        Map<String, String> hashes = new TreeMap<>();
        for (String name : names) {
            hashes.put(name, Fingerprint.sha256(checkpoint.resolve(name)));
        }
        return hashes;
    }

    Map<String, Object> toJson() {
        Map<String, Object> json = new TreeMap<>();
        json.put("format", FORMAT);
        json.put("step", progress.step());
        json.put("tokens", progress.tokens());
        json.put("targets", progress.targets());
        putFinite(json, "last_loss", progress.lastLoss());
        putFinite(json, "best_loss", progress.bestLoss());
        json.put("best_step", progress.bestStep());
        json.put("stale", progress.stale());
        json.put("probe_loss", probeLoss);
        json.put("metrics_lines", metricsLines);
        json.put("run", run);
        json.put("sha256", hashes);
        return json;
    }

    private static void putFinite(Map<String, Object> json, String key, double value) {
        if (Double.isFinite(value)) {
            json.put(key, value);
        }
    }

    /**
     * Reads the state and the other files' hashes.
     *
     * @param exact names of the other files
     * @throws InlayException if a file is missing or not as it was written
     */
    static CheckpointState read(Path checkpoint, List<String> exact) {
        JsonObject json = Json.readObject(checkpoint.resolve(FILE));
        json.integer("format", FORMAT, FORMAT);
        Map<String, String> found = hashes(checkpoint, exact);
        JsonObject written = json.object("sha256");
        for (String name : exact) {
            if (!written.text(name).equals(found.get(name))) {
                throw InlayException.data("%s: is not as it was written", checkpoint.resolve(name));
            }
        }
        Progress progress = new Progress(
                (int) json.integer("step", 0, Integer.MAX_VALUE),
                json.integer("tokens", 0, Long.MAX_VALUE),
                json.integer("targets", 0, Long.MAX_VALUE),
                json.number("last_loss", Double.NaN),
                json.number("best_loss", Double.POSITIVE_INFINITY),
                (int) json.integer("best_step", 0, Integer.MAX_VALUE),
                (int) json.integer("stale", 0, Integer.MAX_VALUE));
        long lines = json.integer("metrics_lines", 0, Long.MAX_VALUE);
        return new CheckpointState(progress, json.number("probe_loss"), lines, json.text("run"), found);
    }
}
