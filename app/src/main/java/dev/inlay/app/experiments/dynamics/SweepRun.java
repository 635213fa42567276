package dev.inlay.app.experiments.dynamics;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inlay.InlayException;
import dev.inlay.model.files.AtomicFile;
import dev.inlay.model.files.Json;
import dev.inlay.training.run.Versions;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * Runs a design on all cores and writes what came of it. Rows are appended to {@code rows.part} as they are done, each a
 * JSON object in a line; begun again with the same design the sweep goes on from them. At the end {@code sweep.csv} holds
 * the rows in the order of the design, so the files do not depend on the number of threads or on interruptions.
 *
 * <table>
 * <caption>Files</caption>
 * <tr><td>{@code run.json}</td><td>the design, seed, versions</td></tr>
 * <tr><td>{@code sweep.csv}</td><td>one row per run: its number, the variables, the results; empty where there is none;
 *     where runs failed, a last column says why</td></tr>
 * <tr><td>{@code fits.json}</td><td>slopes of ln result over ln variable with 95 % intervals</td></tr>
 * <tr><td>{@code report.html}</td><td>phase diagrams and plots</td></tr>
 * </table>
 */
public final class SweepRun {
    private static final int FORMAT = 1;
    private static final String PART = "rows.part";
    private static final String FAILED = "failed";

    private final Path directory;
    private final Design design;
    private final TreeMap<Integer, Map<String, Double>> rows = new TreeMap<>();
    private final TreeMap<Integer, String> failures = new TreeMap<>();

    private SweepRun(Path directory, Design design) {
        this.directory = directory;
        this.design = design;
    }

    /**
     * What a sweep tells in the end.
     *
     * @param failures why runs failed, such as states that grew beyond what a number holds, by the number of the run
     */
    public record Result(List<Fit> fits, SortedMap<Integer, String> failures) {}

    /**
     * Runs what is not done yet. A run that fails takes no other with it.
     *
     * @param progress gets the number of runs done so far
     * @throws InlayException when all runs fail, for the reason of the first
     */
    public static Result write(Path directory, Design design, LongConsumer progress) {
        SweepRun sweep = new SweepRun(directory, design);
        sweep.open();
        sweep.compute(progress);
        if (sweep.rows.isEmpty()) {
            throw InlayException.data("all %d runs failed, the first one: %s", design.size(), sweep.failures.get(0));
        }
        return new Result(sweep.finish(), sweep.failures);
    }

    private void open() {
        Path file = directory.resolve("run.json");
        try {
            if (Files.exists(file)) {
                if (!Json.line(Json.readObject(file).get("design")).equals(Json.line(described()))) {
                    throw InlayException.usage(
                            "%s: holds another sweep and is never overwritten; choose another directory", directory);
                }
                if (Files.exists(directory.resolve("sweep.csv"))) {
                    throw InlayException.usage(
                            "%s: this sweep is finished and never overwritten; choose another directory", directory);
                }
                read();
                return;
            }
            if (Files.exists(directory)) {
                try (var entries = Files.list(directory)) {
                    if (entries.findAny().isPresent()) {
                        throw InlayException.usage(
                                "%s: is not empty and is never overwritten; choose another directory", directory);
                    }
                }
            }
            Files.createDirectories(directory);
            Json.write(file, record());
        } catch (IOException e) {
            throw InlayException.data("%s: cannot be written: %s", directory, e).causedBy(e);
        }
    }

    private Map<String, Object> described() {
        Map<String, Object> described = new TreeMap<>();
        described.put("settings", design.texts());
        described.put("random", design.random());
        described.put("seed", design.seed());
        described.put(
                "variables",
                design.variables().stream()
                        .map(each -> Map.of("name", each.name(), "values", each.values(), "log", each.isLog()))
                        .toList());
        return described;
    }

    private Map<String, Object> record() {
        Map<String, Object> record = new TreeMap<>();
        record.put("format", FORMAT);
        record.put("command", "dynamics sweep");
        record.put("design", described());
        record.put("versions", Versions.now());
        return record;
    }

    /** A line that a killed process left half written is no JSON and is computed again. */
    private void read() throws IOException {
        Path part = directory.resolve(PART);
        if (!Files.exists(part)) {
            return;
        }
        List<String> whole = new ArrayList<>();
        for (String line : Files.readAllLines(part, UTF_8)) {
            try {
                var row = Json.parseObject(line, part.toString());
                int run = (int) row.integer("run", 0, design.size() - 1L);
                if (row.has(FAILED)) {
                    failures.put(run, row.text(FAILED));
                } else {
                    Map<String, Double> numbers = new LinkedHashMap<>();
                    for (String key : row.keys()) {
                        numbers.put(key, row.number(key));
                    }
                    numbers.remove("run");
                    rows.put(run, numbers);
                }
                whole.add(line);
            } catch (InlayException broken) {
                break;
            }
        }
        AtomicFile.write(
                part, String.join("", whole.stream().map(line -> line + "\n").toList()));
    }

    private void compute(LongConsumer progress) {
        List<Integer> open = IntStream.range(0, design.size())
                .filter(k -> !rows.containsKey(k) && !failures.containsKey(k))
                .boxed()
                .toList();
        progress.accept(design.size() - open.size());
        try (BufferedWriter out = Files.newBufferedWriter(
                directory.resolve(PART), UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            open.parallelStream().forEach(k -> {
                try {
                    add(
                            out,
                            k,
                            SimulationRun.finite(Outcome.of(design.setting(k)).numbers()),
                            progress);
                } catch (InlayException failure) {
                    addFailure(out, k, failure.getMessage(), progress);
                }
            });
        } catch (IOException e) {
            throw InlayException.data("%s: cannot be written: %s", directory, e).causedBy(e);
        } catch (UncheckedIOException e) {
            throw InlayException.data("%s: cannot be written: %s", directory, e).causedBy(e);
        }
    }

    private synchronized void add(BufferedWriter out, int run, Map<String, Double> numbers, LongConsumer progress) {
        append(out, run, numbers);
        rows.put(run, numbers);
        progress.accept(rows.size() + failures.size());
    }

    private synchronized void addFailure(BufferedWriter out, int run, String reason, LongConsumer progress) {
        append(out, run, Map.of(FAILED, reason));
        failures.put(run, reason);
        progress.accept(rows.size() + failures.size());
    }

    private static void append(BufferedWriter out, int run, Map<String, ?> result) {
        Map<String, Object> line = new TreeMap<>(result);
        line.put("run", run);
        try {
            out.write(Json.line(line) + "\n");
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Fit> finish() {
        Set<String> results = new LinkedHashSet<>();
        rows.values().forEach(row -> results.addAll(row.keySet()));
        List<Fit> fits = fits(results);
        AtomicFile.write(directory.resolve("sweep.csv"), csv(results));
        Json.write(
                directory.resolve("fits.json"),
                fits.stream()
                        .filter(fit -> Double.isFinite(fit.slope()))
                        .map(SweepRun::json)
                        .toList());
        new SweepPage(design, rows, fits).write(directory.resolve("report.html"));
        try {
            Files.deleteIfExists(directory.resolve(PART));
        } catch (IOException e) {
            throw InlayException.data("%s: cannot be written: %s", directory, e).causedBy(e);
        }
        return fits;
    }

    private static Map<String, Object> json(Fit fit) {
        Map<String, Object> json = new TreeMap<>();
        json.put("x", fit.x());
        json.put("y", fit.y());
        json.put("points", fit.points());
        json.put("slope", fit.slope());
        json.put("low", fit.low());
        json.put("high", fit.high());
        json.put("intercept", fit.intercept());
        return json;
    }

    private List<Fit> fits(Set<String> results) {
        List<Fit> fits = new ArrayList<>();
        for (int v = 0; v < design.variables().size(); v++) {
            int at = v;
            double[] xs = rows.keySet().stream()
                    .mapToDouble(k -> design.values(k)[at])
                    .toArray();
            for (String result : results) {
                double[] ys = rows.values().stream()
                        .mapToDouble(row -> row.getOrDefault(result, Double.NaN))
                        .toArray();
                fits.add(Fit.of(design.variables().get(v).name(), result, xs, ys));
            }
        }
        return fits;
    }

    private String csv(Set<String> results) {
        StringBuilder csv = new StringBuilder("run");
        design.variables().forEach(each -> csv.append(',').append(each.name()));
        results.forEach(each -> csv.append(',').append(each));
        csv.append(failures.isEmpty() ? "\n" : "," + FAILED + "\n");
        for (int k = 0; k < design.size(); k++) {
            Map<String, Double> row = rows.getOrDefault(k, Map.of());
            csv.append(k);
            for (double value : design.values(k)) {
                csv.append(',').append(value);
            }
            results.forEach(each -> csv.append(',').append(row.containsKey(each) ? String.valueOf(row.get(each)) : ""));
            if (!failures.isEmpty()) {
                String reason = failures.getOrDefault(k, "");
                csv.append(',').append(reason.isEmpty() ? "" : '"' + reason.replace("\"", "\"\"") + '"');
            }
            csv.append('\n');
        }
        return csv.toString();
    }
}
