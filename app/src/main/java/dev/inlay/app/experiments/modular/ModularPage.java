package dev.inlay.app.experiments.modular;

import dev.inlay.app.report.SimulationReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** The page about an experiment, and the same in lines of text. */
record ModularPage(ModularOptions options, List<Cell> cells, List<ForgettingFit> fits) {
    private static final double HALF = .5;

    void write(Path page) {
        SimulationReport.write(
                page,
                new SimulationReport.Heading(
                        "modular arithmetic",
                        "Does a deeper model forget faster?",
                        String.format(
                                Locale.ROOT,
                                "Addition modulo %d is trained until %s of all pairs are right, then the arms are tuned on"
                                        + " subtraction for %d epochs. Whether addition falls faster in deeper models is a"
                                        + " hypothesis; the slope of ln crossing over depth is negative where it does.",
                                options.modulus(),
                                percent(options.accuracy()),
                                options.tuning().epochs())),
                tiles(),
                List.of(slopes(), medians(), failures(), ends()),
                Map.of("plots", plots()));
    }

    /** Half-lives and their slopes. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (ForgettingFit fit : fits) {
            if (fit.share() == HALF && fit.along().equals("epoch")) {
                lines.add("  " + fit.arm().text() + ": epochs to half of the accuracy, median (95 % interval)");
                fit.medians()
                        .forEach((depth, median) -> lines.add(
                                String.format(Locale.ROOT, "    depth %3d  %s", depth, median.words("%.1f"))));
                lines.add(String.format(
                        Locale.ROOT,
                        "    slope of ln epochs over depth %s, %d cells, %d censored",
                        fit.slope().words("%.3f"),
                        fit.cells(),
                        fit.censored()));
            }
        }
        long failed = cells.stream().filter(cell -> !cell.isTuned()).count();
        lines.add(String.format(
                Locale.ROOT, "  %d of %d cells have no base of the asked accuracy", failed, cells.size()));
        return lines;
    }

    private List<Map.Entry<String, String>> tiles() {
        Sizes sizes = new Sizes(options.modulus(), options.width(), 1, Base.TIED);
        List<Map.Entry<String, String>> tiles = new ArrayList<>();
        tiles.add(Map.entry("cells", String.valueOf(cells.size())));
        tiles.add(Map.entry(
                "without a base",
                String.valueOf(cells.stream().filter(cell -> !cell.isTuned()).count())));
        tiles.add(Map.entry("parameters, tied", String.valueOf(sizes.parameters())));
        fits.stream()
                .filter(fit -> fit.share() == HALF && fit.along().equals("epoch"))
                .limit(3)
                .forEach(fit -> tiles.add(Map.entry(
                        "slope of ln half-life over depth, " + fit.arm().text(),
                        fit.slope().words("%.3f"))));
        return tiles;
    }

    private SimulationReport.Table slopes() {
        return new SimulationReport.Table(
                "Slope of ln crossing over depth",
                List.of("Arm", "Falls to", "Along", "Slope (95 % interval)", "Cells", "Never"),
                fits.stream()
                        .map(fit -> List.of(
                                fit.arm().text(),
                                percent(fit.share()),
                                fit.along(),
                                fit.slope().words("%.4f"),
                                String.valueOf(fit.cells()),
                                String.valueOf(fit.censored())))
                        .toList());
    }

    private SimulationReport.Table medians() {
        List<List<String>> rows = new ArrayList<>();
        for (ForgettingFit fit : fits) {
            fit.medians()
                    .forEach((depth, median) -> rows.add(List.of(
                            fit.arm().text(),
                            String.valueOf(depth),
                            percent(fit.share()),
                            fit.along(),
                            median.words(fit.along().equals("epoch") ? "%.1f" : "%.3f"))));
        }
        return new SimulationReport.Table(
                "Crossings, median over seeds",
                List.of("Arm", "Depth", "Falls to", "Along", "Median (95 % interval)"),
                rows);
    }

    private SimulationReport.Table failures() {
        return new SimulationReport.Table(
                "Cells without a base of the asked accuracy",
                List.of("Arm", "Depth", "Seed", "Accuracy", "Epochs"),
                cells.stream()
                        .filter(cell -> !cell.isTuned())
                        .map(cell -> List.of(
                                cell.arm().text(),
                                String.valueOf(cell.depth()),
                                String.valueOf(cell.seed()),
                                percent(cell.base().accuracy()),
                                String.valueOf(cell.base().epochs())))
                        .toList());
    }

    private SimulationReport.Table ends() {
        List<List<String>> rows = new ArrayList<>();
        for (Arm arm : options.parsedArms()) {
            for (int depth : options.depths()) {
                List<Cell> own = tuned(arm, depth);
                if (!own.isEmpty()) {
                    rows.add(List.of(
                            arm.text(),
                            String.valueOf(depth),
                            percent(median(own, Curve.Point::addition)),
                            percent(median(own, Curve.Point::trained)),
                            percent(median(own, Curve.Point::held)),
                            String.format(Locale.ROOT, "%.3f", median(own, Curve.Point::norm))));
                }
            }
        }
        return new SimulationReport.Table(
                "After the last epoch, median over seeds",
                List.of("Arm", "Depth", "Addition", "Subtraction, trained", "Subtraction, held", "Norm of the change"),
                rows);
    }

    private static double median(List<Cell> cells, ToDoubleFunction<Curve.Point> read) {
        return Estimate.median(cells.stream()
                .mapToDouble(cell -> read.applyAsDouble(cell.curve().last()))
                .toArray());
    }

    private List<Cell> tuned(Arm arm, int depth) {
        return cells.stream()
                .filter(cell -> cell.arm().equals(arm) && cell.depth() == depth && cell.isTuned())
                .toList();
    }

    private List<Map<String, Object>> plots() {
        List<Map<String, Object>> plots = new ArrayList<>();
        for (Arm arm : options.parsedArms()) {
            plots.add(forgetting(arm));
        }
        for (ForgettingFit fit : fits) {
            if (fit.share() >= HALF
                    && fit.medians().values().stream().anyMatch(each -> Double.isFinite(each.value()))) {
                plots.add(overDepth(fit));
            }
        }
        return plots;
    }

    /** Mean accuracy over seeds by epoch, a line for each depth. */
    private Map<String, Object> forgetting(Arm arm) {
        List<Map<String, Object>> series = new ArrayList<>();
        for (int depth : options.depths()) {
            List<Cell> own = tuned(arm, depth);
            List<List<Object>> points = new ArrayList<>();
            for (int k = 1; !own.isEmpty() && k < own.get(0).curve().points().size(); k++) {
                int at = k;
                double mean = own.stream()
                        .mapToDouble(cell -> cell.curve().points().get(at).addition())
                        .average()
                        .orElseThrow();
                points.add(List.of(own.get(0).curve().points().get(k).epoch(), mean));
            }
            series.add(Map.of("name", "depth " + depth, "points", points, "style", "line"));
        }
        return plot(
                "Forgetting",
                "Accuracy of addition: " + arm.text(),
                "epoch",
                "accuracy, mean over seeds",
                true,
                false,
                series);
    }

    private Map<String, Object> overDepth(ForgettingFit fit) {
        Map<String, List<List<Object>>> lines = new LinkedHashMap<>();
        fit.medians().forEach((depth, median) -> {
            add(lines, "median", depth, median.value());
            add(lines, "interval, low", depth, median.low());
            add(lines, "interval, high", depth, median.high());
        });
        List<Map<String, Object>> series = new ArrayList<>();
        lines.forEach((name, points) ->
                series.add(Map.of("name", name, "points", points, "style", name.equals("median") ? "line" : "dashed")));
        return plot(
                "Over depth",
                "Falls to " + percent(fit.share()) + ": " + fit.arm().text(),
                "depth",
                fit.along(),
                false,
                true,
                series);
    }

    private static void add(Map<String, List<List<Object>>> lines, String name, int depth, double value) {
        List<List<Object>> points = lines.computeIfAbsent(name, key -> new ArrayList<>());
        if (Double.isFinite(value)) {
            points.add(Arrays.asList(depth, value));
        }
    }

    private static Map<String, Object> plot(
            String section,
            String title,
            String x,
            String y,
            boolean logX,
            boolean logY,
            List<Map<String, Object>> series) {
        return new TreeMap<>(Map.of(
                "section", section, "title", title, "x", x, "y", y, "logX", logX, "logY", logY, "series", series));
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
