package dev.inlay.app.experiments.world;

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
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;

/**
 * Writes the texts of the world as a run.
 *
 * <table>
 * <caption>Files</caption>
 * <tr><td>{@code text/train.jsonl}, {@code valid}, {@code test}, {@code unseen-names}, {@code unseen-combinations}</td>
 *     <td>rows of the registers with one speaker</td></tr>
 * <tr><td>{@code text/train.labels.jsonl}, ...</td><td>line for line the truth about them: {@link Rows}</td></tr>
 * <tr><td>{@code chat/...}</td><td>the same for registers with several speakers</td></tr>
 * <tr><td>{@code world.json}</td><td>what was written, with exact and sampled floors</td></tr>
 * <tr><td>{@code floors.csv}</td><td>the same as a table</td></tr>
 * <tr><td>{@code sample.md}</td><td>two texts of each register</td></tr>
 * <tr><td>{@code run.json}</td><td>settings, seed, versions, hashes of the files</td></tr>
 * </table>
 *
 * <p>The same options give the same bytes, but for the time in {@code run.json}.
 */
public final class WorldRun {
    private static final int FORMAT = 1;
    private static final int CHUNK = 4096;
    private static final int SAMPLES = 2;

    private final WorldOptions options;
    private final LongConsumer progress;
    private final List<RegisterSummary> summaries = new ArrayList<>();
    private final Map<String, String> hashes = new TreeMap<>();
    private long done;

    private WorldRun(WorldOptions options, LongConsumer progress) {
        this.options = options;
        this.progress = progress;
    }

    /**
     * Writes the directory whole or not at all.
     *
     * @param progress gets the number of texts written so far
     */
    public static List<RegisterSummary> write(Path directory, WorldOptions options, LongConsumer progress) {
        WorldRun run = new WorldRun(options, progress);
        AtomicDirectory.write(directory, Existing.REFUSE, run::fill, written -> {});
        return List.copyOf(run.summaries);
    }

    private void fill(Path directory) throws IOException {
        for (Form form : Form.values()) {
            List<Register> registers = form.of(options.registers());
            if (!registers.isEmpty()) {
                Path folder = Files.createDirectory(directory.resolve(form.toString()));
                for (Split split : Split.values()) {
                    corpus(folder, new Corpus(split, registers, options.seed(), options.world()));
                }
            }
        }
        Json.write(directory.resolve("world.json"), world());
        Files.writeString(directory.resolve("floors.csv"), Floors.csv(summaries), UTF_8);
        Files.writeString(directory.resolve("sample.md"), Samples.markdown(options, SAMPLES), UTF_8);
        Json.write(directory.resolve("run.json"), record());
    }

    private void corpus(Path folder, Corpus corpus) throws IOException {
        Map<Register, Tally> tallies = new EnumMap<>(Register.class);
        Path rows = folder.resolve(corpus.split() + ".jsonl");
        Path truths = folder.resolve(corpus.split() + ".labels.jsonl");
        long count = options.rows(corpus.split());
        try (BufferedWriter row = Files.newBufferedWriter(rows, UTF_8);
                BufferedWriter truth = Files.newBufferedWriter(truths, UTF_8)) {
            for (long start = 0; start < count; start += CHUNK) {
                long end = Math.min(count, start + CHUNK);
                for (Lines lines : lines(corpus, start, end)) {
                    row.write(lines.row() + "\n");
                    truth.write(lines.truth() + "\n");
                    Register register = lines.document().register();
                    tallies.computeIfAbsent(register, r -> new Tally()).add(lines.document(), corpus.costOf(register));
                }
                done += end - start;
                progress.accept(done);
            }
        }
        for (Path file : List.of(rows, truths)) {
            hashes.put(folder.getFileName() + "/" + file.getFileName(), Fingerprint.sha256(file));
        }
        Map<Register, Map<Kind, Double>> floors = corpus.floors();
        tallies.forEach((register, tally) -> summaries.add(
                RegisterSummary.of(corpus.split(), register, floors.getOrDefault(register, Map.of()), tally)));
    }

    private record Lines(Document document, String row, String truth) {}

    /** Made by many threads, in the order of the rows. */
    private static List<Lines> lines(Corpus corpus, long start, long end) {
        return LongStream.range(start, end)
                .parallel()
                .mapToObj(corpus::document)
                .map(document -> new Lines(document, Rows.row(document), Rows.truth(document)))
                .toList();
    }

    private Map<String, Object> world() {
        Map<String, Object> world = new TreeMap<>();
        world.put("format", FORMAT);
        world.put("grammar", Fingerprint.sha256(Grammar.source()));
        world.put("seed", options.seed());
        world.put("world", options.world().isPresent() ? options.world().getAsLong() : "one for each text");
        world.put("floors", summaries.stream().map(Floors::json).toList());
        return world;
    }

    private Map<String, Object> record() {
        Map<String, Object> settings = new TreeMap<>();
        settings.put(
                "registers",
                options.registers().stream().map(Register::toString).toList());
        settings.put("rows", options.rows());
        settings.put("held-out", options.heldOut());
        options.world().ifPresent(id -> settings.put("world", id));
        Map<String, Object> record = new TreeMap<>();
        record.put("format", FORMAT);
        record.put("command", "world");
        record.put("created", Instant.now().toString());
        record.put("settings", settings);
        record.put("seeds", Map.of("world", options.seed()));
        record.put("inputs", Map.of("grammar", Fingerprint.sha256(Grammar.source())));
        record.put("files", hashes);
        record.put("versions", Versions.now());
        return record;
    }
}
