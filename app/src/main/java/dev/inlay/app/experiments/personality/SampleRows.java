package dev.inlay.app.experiments.personality;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.AtomicDirectory.Existing;
import dev.inlay.model.files.Fingerprint;
import dev.inlay.model.files.Json;
import dev.inlay.training.run.Versions;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Samples as rows that {@code train} and {@code evaluate} read.
 *
 * <p>A directory with {@code train.jsonl} and {@code valid.jsonl} in a {@link SampleForm}. Line for line beside them
 * {@code train.labels.jsonl} and {@code valid.labels.jsonl}:
 *
 * <table>
 * <caption>Labels</caption>
 * <tr><td>{@code topic}, {@code model}, {@code variant}, {@code family}, {@code version}</td><td>{@link Sample.Origin}</td></tr>
 * <tr><td>{@code flag}</td><td>PASS or FAIL</td></tr>
 * <tr><td>{@code task}</td><td>the same for samples of one task</td></tr>
 * </table>
 *
 * <p>{@code run.json} says what was left out and why.
 */
public final class SampleRows {
    private static final int FORMAT = 1;

    private SampleRows() {}

    /**
     * Writes the directory whole or not at all.
     *
     * @param samples with the account of what was left out
     * @param form of the rows
     * @param settings what to say of them in {@code run.json}
     * @throws dev.inlay.InlayException if the directory is there, or a side of the split has no sample
     */
    public static TaskSplit.Sides write(
            Path directory, Samples samples, TaskSplit split, SampleForm form, Map<String, ?> settings) {
        TaskSplit.Sides sides = split.of(samples.list());
        AtomicDirectory.write(
                directory,
                Existing.REFUSE,
                target -> {
                    Map<String, Object> record = new TreeMap<>();
                    record.put("format", FORMAT);
                    record.put("command", "personality");
                    record.put("created", Instant.now().toString());
                    record.put("settings", settings);
                    record.put("left_out", samples.dropped());
                    record.put("versions", Versions.now());
                    record.put("files", files(target, sides, form));
                    Json.write(target.resolve("run.json"), record);
                },
                written -> {});
        return sides;
    }

    /** Writes both sides; their hashes. */
    private static Map<String, String> files(Path target, TaskSplit.Sides sides, SampleForm form) throws IOException {
        side(target, "train", sides.train(), form);
        if (!sides.held().isEmpty()) {
            side(target, "valid", sides.held(), form);
        }
        Map<String, String> hashes = new TreeMap<>();
        try (var written = Files.list(target)) {
            for (Path file : written.toList()) {
                hashes.put(String.valueOf(file.getFileName()), Fingerprint.sha256(file));
            }
        }
        return hashes;
    }

    private static void side(Path target, String name, List<Sample> samples, SampleForm form) throws IOException {
        try (BufferedWriter rows = Files.newBufferedWriter(target.resolve(name + ".jsonl"), UTF_8);
                BufferedWriter labels = Files.newBufferedWriter(target.resolve(name + ".labels.jsonl"), UTF_8)) {
            for (Sample sample : samples) {
                rows.write(Json.line(form.row(sample)) + "\n");
                labels.write(Json.line(labels(sample)) + "\n");
            }
        }
    }

    private static Map<String, Object> labels(Sample sample) {
        Map<String, Object> labels = new TreeMap<>();
        labels.put("topic", sample.origin().topic());
        labels.put("model", sample.origin().model());
        labels.put("variant", sample.origin().variant());
        labels.put("family", sample.origin().family());
        labels.put("version", sample.origin().version());
        labels.put("flag", sample.verdict().name());
        labels.put("task", TaskSplit.name(sample));
        return labels;
    }
}
