package dev.inlay.app.experiments.dynamics;

import static dev.inlay.InlayException.require;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inlay.app.report.SimulationReport;
import dev.inlay.dynamics.Staircase;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.AtomicDirectory.Existing;
import dev.inlay.model.files.Json;
import dev.inlay.training.run.Versions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Climbs the energy staircase from the published start for several inverse temperatures and writes {@code run.json}, {@code
 * staircase.csv} (beta, step, ln of the energy, tokens apart) and {@code report.html}. The same settings give the same
 * bytes.
 *
 * @param betas inverse temperatures
 * @param stride length of a step over ln(beta)
 * @param iterations most steps
 */
public record StaircaseRun(List<Double> betas, double stride, int iterations) {
    private static final int FORMAT = 1;
    private static final int POINTS = 500;

    public StaircaseRun {
        betas = List.copyOf(betas);
        require(!betas.isEmpty(), "at least one beta is needed, such as 500");
        require(
                iterations >= 1 && iterations <= 1_000_000_000,
                "iterations must be from 1 to 1e9, were %d",
                iterations);
        for (double beta : betas) {
            new Staircase(beta, stride, iterations);
        }
    }

    /**
     * Climbs and writes the directory whole or not at all.
     *
     * @return tokens that are apart at the end, by beta
     */
    public List<Integer> write(Path directory) {
        List<List<Staircase.Stair>> climbs = IntStream.range(0, betas.size())
                .parallel()
                .mapToObj(k -> new Staircase(betas.get(k), stride, iterations)
                        .climb(Staircase.publishedStart(), Math.max(1, iterations / POINTS)))
                .toList();
        AtomicDirectory.write(directory, Existing.REFUSE, at -> fill(at, climbs), written -> {});
        return climbs.stream()
                .map(stairs -> stairs.get(stairs.size() - 1).apart())
                .toList();
    }

    private void fill(Path directory, List<List<Staircase.Stair>> climbs) throws IOException {
        Map<String, Object> record = new TreeMap<>();
        record.put("format", FORMAT);
        record.put("command", "dynamics staircase");
        record.put("settings", Map.of("betas", betas, "stride", stride, "iterations", iterations));
        record.put("versions", Versions.now());
        Json.write(directory.resolve("run.json"), record);
        StringBuilder csv = new StringBuilder("beta,step,log_energy,apart\n");
        List<Map<String, Object>> energies = new ArrayList<>();
        List<List<String>> merges = new ArrayList<>();
        for (int k = 0; k < climbs.size(); k++) {
            double beta = betas.get(k);
            List<List<Object>> points = new ArrayList<>();
            int apart = Staircase.publishedStart().length;
            for (Staircase.Stair stair : climbs.get(k)) {
                csv.append(String.format(
                        Locale.ROOT, "%s,%d,%s,%d\n", beta, stair.step(), stair.logEnergy(), stair.apart()));
                points.add(List.of(stair.step(), stair.logEnergy()));
                if (stair.apart() < apart) {
                    apart = stair.apart();
                    merges.add(List.of(Setting.plain(beta), String.valueOf(stair.step()), String.valueOf(apart)));
                }
            }
            energies.add(Map.of("name", "beta " + Setting.plain(beta), "points", points, "style", "line"));
        }
        Files.writeString(directory.resolve("staircase.csv"), csv.toString(), UTF_8);
        Map<String, Object> plot = new TreeMap<>();
        plot.put("title", "Energy");
        plot.put("section", "Climbs");
        plot.put("x", "step");
        plot.put("y", "ln of the energy");
        plot.put("logX", false);
        plot.put("logY", false);
        plot.put("series", energies);
        SimulationReport.write(
                directory.resolve("report.html"),
                SimulationReport.Heading.ofSimulation(
                        "The energy staircase",
                        "Five tokens on a circle climb the energy in steps of one length; where the gradient has almost"
                                + " vanished, tokens that have met are one."),
                List.of(),
                List.of(new SimulationReport.Table("Merges", List.of("Beta", "Step", "Tokens apart"), merges)),
                Map.of("plots", List.of(plot)));
    }
}
