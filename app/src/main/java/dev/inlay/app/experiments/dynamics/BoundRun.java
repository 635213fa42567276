package dev.inlay.app.experiments.dynamics;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inlay.app.report.SimulationReport;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.AtomicDirectory.Existing;
import dev.inlay.model.files.Json;
import dev.inlay.training.run.Versions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * A table of bounds as a run: {@code run.json} (settings, calculations), {@code bounds.csv} (t, the measured distance, natural
 * logarithms of both bounds, the distance to first order; empty where one does not apply) and {@code report.html}. The same
 * settings give the same bytes.
 */
public record BoundRun(Setting setting, List<BoundTable.Row> rows, List<String> calculations) {
    private static final int FORMAT = 1;

    /** A curve above this tells nothing and would press the others flat. */
    private static final double MOST_DRAWN = 1e6;

    public BoundRun {
        rows = List.copyOf(rows);
        calculations = List.copyOf(calculations);
    }

    /** Writes the directory whole or not at all. */
    public void write(Path directory) {
        AtomicDirectory.write(directory, Existing.REFUSE, this::fill, written -> {});
    }

    private void fill(Path directory) throws IOException {
        Map<String, Object> record = new TreeMap<>();
        record.put("format", FORMAT);
        record.put("command", "dynamics bounds");
        record.put("settings", setting.texts());
        record.put("versions", Versions.now());
        record.put("calculations", calculations);
        Json.write(directory.resolve("run.json"), record);
        StringBuilder csv = new StringBuilder("t,measured,log_prior,log_measured,tangent\n");
        for (BoundTable.Row row : rows) {
            csv.append(row.time()).append(',').append(row.measured());
            for (double each : new double[] {row.logPrior(), row.logMeasured(), row.tangent()}) {
                csv.append(',').append(Double.isNaN(each) ? "" : String.valueOf(each));
            }
            csv.append('\n');
        }
        Files.writeString(directory.resolve("bounds.csv"), csv.toString(), UTF_8);
        SimulationReport.write(
                directory.resolve("report.html"),
                SimulationReport.Heading.ofSimulation(
                        "How far a change moves tokens: " + setting.change(),
                        "The largest distance of a token from where it is without the change, to first order in the"
                                + " change, and the bounds: known before the runs, and from what both did."),
                List.of(),
                List.of(new SimulationReport.Table(
                        "Calculations",
                        List.of("What follows"),
                        calculations.stream().map(List::of).toList())),
                Map.of("plots", List.of(plot())));
    }

    private Map<String, Object> plot() {
        List<Map<String, Object>> series = new ArrayList<>();
        add(series, "measured", "line", BoundTable.Row::measured);
        add(series, "first order", "dashed", BoundTable.Row::tangent);
        add(series, "bound from runs", "line", row -> Math.exp(row.logMeasured()));
        add(series, "bound before", "line", row -> Math.exp(row.logPrior()));
        Map<String, Object> plot = new TreeMap<>();
        plot.put("title", "Distance and bounds");
        plot.put("section", "Over time");
        plot.put("x", "t");
        plot.put("y", "distance");
        plot.put("logX", false);
        plot.put("logY", true);
        plot.put("series", series);
        return plot;
    }

    private void add(
            List<Map<String, Object>> series, String name, String style, ToDoubleFunction<BoundTable.Row> value) {
        List<List<Double>> points = rows.stream()
                .filter(row -> value.applyAsDouble(row) > 0 && value.applyAsDouble(row) <= MOST_DRAWN)
                .map(row -> List.of(row.time(), value.applyAsDouble(row)))
                .toList();
        if (!points.isEmpty()) {
            series.add(Map.of("name", name, "points", points, "style", style));
        }
    }
}
