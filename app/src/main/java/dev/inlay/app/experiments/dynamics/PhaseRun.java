package dev.inlay.app.experiments.dynamics;

import static dev.inlay.InlayException.require;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inlay.app.report.SimulationReport;
import dev.inlay.dynamics.Clusters;
import dev.inlay.dynamics.Cosines;
import dev.inlay.dynamics.Head;
import dev.inlay.dynamics.Mersenne;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.AtomicDirectory.Existing;
import dev.inlay.model.files.Json;
import dev.inlay.training.run.Versions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The phase diagram of tokens on the sphere (arXiv 2312.10794, section 7): for each inverse temperature many starts run to
 * the end, and at each of many times the share of pairs of tokens that have met (cosine above 0.999) is averaged over them.
 * Start s of each beta is that of the setting's seed + s. Writes {@code run.json}, {@code phases.csv} (beta, t, share of
 * pairs, its standard error over starts, mean number of clusters) and {@code report.html}; the files do not depend on the
 * number of threads.
 *
 * @param setting of one run; its beta is replaced
 * @param betas inverse temperatures
 * @param starts how many for each beta
 * @param times how many, evenly up to the setting's
 */
public record PhaseRun(Setting setting, List<Double> betas, int starts, int times) {
    private static final int FORMAT = 1;
    private static final double MET = .999;

    /** Starts whose sums are made one after the other, so that they do not depend on who makes them. */
    private static final int CHUNK = 32;

    public PhaseRun {
        betas = List.copyOf(betas);
        require(setting.space().equals("sphere"), "a phase diagram needs space sphere, was %s", setting.space());
        require(!setting.isPaired(), "a phase diagram has one run for each start; leave change out");
        require(starts >= 1 && starts <= 1_000_000, "starts must be from 1 to 1000000, were %d", starts);
        require(times >= 1 && times <= 10_000, "times must be from 1 to 10000, were %d", times);
        require(
                !setting.isStepped() || setting.time() / setting.step() >= times,
                "%d times need at least as many steps, time %s in steps of %s has %s",
                times,
                Setting.plain(setting.time()),
                Setting.plain(setting.step()),
                Setting.plain(Math.floor(setting.time() / setting.step())));
    }

    /** Sums over starts, at each time: pairs, their squares, clusters. */
    private static final class Sums {
        private final double[] pairs;
        private final double[] squares;
        private final double[] clusters;

        Sums(int times) {
            pairs = new double[times];
            squares = new double[times];
            clusters = new double[times];
        }

        void add(int k, double share, int count) {
            pairs[k] += share;
            squares[k] += share * share;
            clusters[k] += count;
        }

        void add(Sums other) {
            for (int k = 0; k < pairs.length; k++) {
                pairs[k] += other.pairs[k];
                squares[k] += other.squares[k];
                clusters[k] += other.clusters[k];
            }
        }
    }

    /** A cell of the diagram. */
    private record Cell(double beta, double time, double share, double error, double clusters) {}

    /**
     * Runs all and writes the directory whole or not at all.
     *
     * @param progress gets the number of runs done so far
     */
    public void write(Path directory, LongConsumer progress) {
        AtomicDirectory.write(directory, Existing.REFUSE, at -> fill(at, cells(progress)), written -> {});
    }

    /** All cells, beta after beta. */
    private List<Cell> cells(LongConsumer progress) {
        int chunks = (starts + CHUNK - 1) / CHUNK;
        AtomicLong done = new AtomicLong();
        List<Sums> parts = IntStream.range(0, betas.size() * chunks)
                .parallel()
                .mapToObj(part -> {
                    int from = part % chunks * CHUNK;
                    int until = Math.min(starts, from + CHUNK);
                    Sums sums = sums(at(betas.get(part / chunks)), from, until);
                    progress.accept(done.addAndGet(until - from));
                    return sums;
                })
                .toList();
        List<Cell> cells = new ArrayList<>();
        for (int b = 0; b < betas.size(); b++) {
            Sums all = new Sums(times);
            parts.subList(b * chunks, (b + 1) * chunks).forEach(all::add);
            for (int k = 0; k < times; k++) {
                double mean = all.pairs[k] / starts;
                double variance = Math.max(0, all.squares[k] / starts - mean * mean);
                cells.add(
                        new Cell(betas.get(b), time(k), mean, Math.sqrt(variance / starts), all.clusters[k] / starts));
            }
        }
        return cells;
    }

    private double time(int k) {
        return setting.time() * (k + 1) / times;
    }

    private Setting at(double beta) {
        Map<String, String> texts = new LinkedHashMap<>(setting.texts());
        texts.put("beta", String.valueOf(beta));
        return Setting.of(texts);
    }

    private Sums sums(Setting at, int from, int until) {
        Sums sums = new Sums(times);
        int d = at.dimension();
        for (int start = from; start < until; start++) {
            Mersenne random = new Mersenne(at.seed() + start);
            double[] x = Texts.start(at.start(), at.tokens(), d, random);
            List<Head> heads = Heads.of(at, random);
            Run run = Run.of(at, Heads.base(at, heads), x);
            for (int k = 0; k < times; k++) {
                Cosines cosines = Cosines.of(run.at(time(k)), d);
                sums.add(
                        k,
                        Clusters.pairShare(cosines, MET),
                        Clusters.byCosine(cosines, MET).count());
            }
        }
        return sums;
    }

    private void fill(Path directory, List<Cell> cells) throws IOException {
        Map<String, Object> record = new TreeMap<>();
        record.put("format", FORMAT);
        record.put("command", "dynamics phases");
        record.put("settings", setting.texts());
        record.put("betas", betas);
        record.put("starts", starts);
        record.put("times", times);
        record.put("versions", Versions.now());
        Json.write(directory.resolve("run.json"), record);
        StringBuilder csv = new StringBuilder("beta,t,pair_share,standard_error,clusters\n");
        for (Cell cell : cells) {
            csv.append(String.format(
                    Locale.ROOT, "%s,%s,%s,%s,%s\n", cell.beta, cell.time, cell.share, cell.error, cell.clusters));
        }
        Files.writeString(directory.resolve("phases.csv"), csv.toString(), UTF_8);
        SimulationReport.write(
                directory.resolve("report.html"),
                SimulationReport.Heading.ofSimulation(
                        "Phase diagram: which pairs have met by when",
                        String.format(
                                Locale.ROOT,
                                "%d tokens in %d dimensions, %d starts for each of %d inverse temperatures, scheme %s",
                                setting.tokens(),
                                setting.dimension(),
                                starts,
                                betas.size(),
                                setting.scheme())),
                List.of(),
                List.of(new SimulationReport.Table(
                        "Setting",
                        List.of("Name", "Value"),
                        setting.texts().entrySet().stream()
                                .filter(each -> !each.getKey().equals("beta"))
                                .map(each -> List.of(each.getKey(), each.getValue()))
                                .toList())),
                Map.of(
                        "diagrams",
                        List.of(
                                diagram("share of pairs with a cosine above 0.999", cells, Cell::share),
                                diagram("mean number of clusters", cells, Cell::clusters)),
                        "plots",
                        List.of()));
    }

    /** Time across, beta up: the cells lie so already. */
    private Map<String, Object> diagram(String title, List<Cell> cells, ToDoubleFunction<Cell> value) {
        return Map.of(
                "title",
                title,
                "x",
                Map.of(
                        "name",
                        "time",
                        "values",
                        IntStream.range(0, times).mapToObj(this::time).toList(),
                        "log",
                        false),
                "y",
                Map.of("name", "beta", "values", betas, "log", false),
                "cells",
                cells.stream().map(value::applyAsDouble).toList(),
                "classes",
                List.of());
    }
}
