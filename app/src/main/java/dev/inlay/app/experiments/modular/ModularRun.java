package dev.inlay.app.experiments.modular;

import dev.inlay.InlayException;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Workers;
import dev.inlay.model.files.AtomicFile;
import dev.inlay.model.files.Json;
import dev.inlay.training.run.Versions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Runs the experiment on all cores and writes what came of it. Every base and every cell is a file in {@code cells}, so an
 * experiment that was stopped goes on when it is begun again; the files depend neither on threads nor on interruptions.
 *
 * <table>
 * <caption>Files</caption>
 * <tr><td>{@code run.json}</td><td>settings, parameters, versions</td></tr>
 * <tr><td>{@code cells}</td><td>bases and results of arms</td></tr>
 * <tr><td>{@code modular.csv}</td><td>one row per cell: the base, where addition falls below shares of its start, the end</td></tr>
 * <tr><td>{@code curves.csv}</td><td>accuracies and norm of the change by epoch</td></tr>
 * <tr><td>{@code layers.csv}, {@code spectra.csv}</td><td>hidden states; V and V + dV</td></tr>
 * <tr><td>{@code fits.json}</td><td>medians and slopes with 95 % intervals</td></tr>
 * <tr><td>{@code report.html}</td><td>for people</td></tr>
 * </table>
 */
public final class ModularRun {
    private static final int FORMAT = 1;
    private static final String LAST = "report.html";

    private ModularRun() {}

    /** Work of the whole experiment, in the units that {@link #write} tells. */
    public static long work(ModularOptions options) {
        return Group.of(options).stream().mapToLong(Group::work).sum();
    }

    /**
     * Runs what is not done yet.
     *
     * @param progress gets the work done so far
     * @return a table of the results, for people
     */
    public static List<String> write(Path directory, ModularOptions options, int threads, LongConsumer progress) {
        open(directory, options);
        Path files = directory.resolve("cells");
        List<Group> groups = Group.of(options);
        List<List<Cell>> results = new ArrayList<>();
        groups.forEach(group -> results.add(List.of()));
        AtomicLong done = new AtomicLong();
        try (Workers workers = Workers.of(threads);
                Scope scope = Scope.open()) {
            workers.map(groups.size(), k -> {
                List<Cell> cells = groups.get(k).cells(files, work -> report(progress, done, work));
                synchronized (results) {
                    results.set(k, cells);
                }
                return List.of();
            });
        }
        List<String> order = options.arms();
        List<Cell> cells = results.stream()
                .flatMap(List::stream)
                .sorted(Comparator.<Cell>comparingInt(
                                cell -> order.indexOf(cell.arm().text()))
                        .thenComparingInt(Cell::depth)
                        .thenComparingInt(Cell::seed))
                .toList();
        List<ForgettingFit> fits = ForgettingFit.of(options, cells);
        ModularTables tables = new ModularTables(options, cells);
        AtomicFile.write(directory.resolve("modular.csv"), tables.cellRows());
        AtomicFile.write(directory.resolve("curves.csv"), tables.curveRows());
        AtomicFile.write(directory.resolve("layers.csv"), tables.layerRows());
        AtomicFile.write(directory.resolve("spectra.csv"), tables.spectrumRows());
        Json.write(
                directory.resolve("fits.json"),
                fits.stream().map(ForgettingFit::json).toList());
        ModularPage page = new ModularPage(options, cells, fits);
        page.write(directory.resolve(LAST));
        return page.lines();
    }

    private static void report(LongConsumer progress, AtomicLong done, long work) {
        // The bar must not go back: it is told in the order of the sums.
        synchronized (done) {
            progress.accept(done.addAndGet(work));
        }
    }

    private static void open(Path directory, ModularOptions options) {
        Path record = directory.resolve("run.json");
        try {
            if (Files.exists(record)) {
                if (!Json.line(Json.readObject(record).get("settings")).equals(Json.line(options.json()))) {
                    throw InlayException.usage(
                            "%s: holds an experiment with other settings and is never overwritten; choose another"
                                    + " directory",
                            directory);
                }
                if (Files.exists(directory.resolve(LAST))) {
                    throw InlayException.usage(
                            "%s: this experiment is finished and never overwritten; choose another directory",
                            directory);
                }
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
            Files.createDirectories(directory.resolve("cells"));
            Json.write(record, record(options));
        } catch (IOException e) {
            throw InlayException.data("%s: cannot be written: %s", directory, e).causedBy(e);
        }
    }

    private static Map<String, Object> record(ModularOptions options) {
        Map<String, Object> record = new TreeMap<>();
        record.put("format", FORMAT);
        record.put("command", "dynamics modular");
        record.put("settings", options.json());
        record.put("versions", Versions.now());
        Sizes sizes = new Sizes(options.modulus(), options.width(), 1, Base.TIED);
        record.put(
                "parameters_tied",
                Map.of(
                        "acting", sizes.parameters(),
                        "idle_as_published", sizes.idleAsPublished(),
                        "low_rank_value", 2L * options.rank() * options.width()));
        record.put("seeds", "weights, split and change of seed s are drawn from three seeds derived from s");
        return record;
    }
}
