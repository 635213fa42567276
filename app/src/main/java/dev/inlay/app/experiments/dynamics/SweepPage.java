package dev.inlay.app.experiments.dynamics;

import com.fasterxml.jackson.databind.node.NullNode;
import dev.inlay.app.report.SimulationReport;
import dev.inlay.app.report.SimulationReport.Heading;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The page about a sweep: phase diagrams over two variables or over one and time, plots over one, slopes. */
record SweepPage(Design design, SortedMap<Integer, Map<String, Double>> rows, List<Fit> fits) {
    private static final List<String> TIMES = List.of("clustering", "bifurcation", "second_clustering");
    private static final int TIME_CELLS = 80;

    void write(Path page) {
        Map<String, Object> data = new TreeMap<>();
        data.put("diagrams", diagrams());
        data.put("plots", plots());
        List<Map.Entry<String, String>> tiles = new ArrayList<>();
        tiles.add(Map.entry("runs", String.valueOf(rows.size())));
        fits.stream()
                .filter(fit -> TIMES.contains(fit.y()) && Double.isFinite(fit.slope()))
                .forEach(fit -> tiles.add(Map.entry(
                        "slope of ln " + fit.y().replace('_', ' ') + " over ln " + fit.x(),
                        String.format(Locale.ROOT, "%.3f", fit.slope()))));
        String names = String.join(
                " and ", design.variables().stream().map(Variable::name).toList());
        SimulationReport.write(
                page,
                Heading.ofSimulation(
                        "Sweep over " + names,
                        (design.random() > 0 ? design.random() + " random runs" : "all combinations") + " of "
                                + design.texts()),
                tiles,
                tables(),
                data);
    }

    private List<Map<String, Object>> diagrams() {
        List<Map<String, Object>> diagrams = new ArrayList<>();
        List<Variable> variables = design.variables();
        if (design.random() > 0) {
            return diagrams;
        }
        if (variables.size() == 1 && rows.values().stream().anyMatch(row -> row.containsKey("clustering"))) {
            diagrams.add(phases(variables.get(0)));
        }
        if (variables.size() == 2) {
            for (String result : results()) {
                diagrams.add(plane(result));
            }
        }
        return diagrams;
    }

    /** Red before clustering, orange between clustering and bifurcation, green after it. */
    private Map<String, Object> phases(Variable variable) {
        double latest = rows.values().stream()
                .flatMap(row -> TIMES.stream().limit(2).map(name -> row.getOrDefault(name, 0.0)))
                .mapToDouble(each -> each)
                .max()
                .orElse(1);
        List<Double> times = new ArrayList<>();
        for (int k = 0; k < TIME_CELLS; k++) {
            times.add(Math.pow(2 * latest, k / (TIME_CELLS - 1.0)));
        }
        List<Object> cells = new ArrayList<>();
        for (double t : times) {
            for (int k = 0; k < design.size(); k++) {
                Map<String, Double> row = rows.get(k);
                if (row == null) {
                    cells.add(NullNode.getInstance());
                    continue;
                }
                double clustering = row.getOrDefault("clustering", Double.POSITIVE_INFINITY);
                double bifurcation = row.getOrDefault("bifurcation", Double.POSITIVE_INFINITY);
                cells.add(t < clustering ? 0 : t < bifurcation ? 1 : 2);
            }
        }
        return diagram(
                "Before clustering, between, after bifurcation",
                axis(variable.name(), variable.values(), variable.isLog()),
                axis("time", times, true),
                cells,
                List.of("before T_clus", "between", "after T_bif"));
    }

    private Map<String, Object> plane(String result) {
        Variable up = design.variables().get(0);
        Variable across = design.variables().get(1);
        List<Object> cells = new ArrayList<>();
        for (int k = 0; k < design.size(); k++) {
            Double value = rows.getOrDefault(k, Map.of()).get(result);
            cells.add(value == null ? NullNode.getInstance() : value);
        }
        return diagram(
                result.replace('_', ' '),
                axis(across.name(), across.values(), across.isLog()),
                axis(up.name(), up.values(), up.isLog()),
                cells,
                List.of());
    }

    private static Map<String, Object> diagram(
            String title, Map<String, Object> x, Map<String, Object> y, List<Object> cells, List<String> classes) {
        return Map.of("title", title, "x", x, "y", y, "cells", cells, "classes", classes);
    }

    private static Map<String, Object> axis(String name, List<Double> values, boolean log) {
        return Map.of("name", name, "values", values, "log", log);
    }

    private List<Map<String, Object>> plots() {
        List<Map<String, Object>> plots = new ArrayList<>();
        for (int v = 0; v < design.variables().size(); v++) {
            Variable variable = design.variables().get(v);
            for (String result : results()) {
                plots.add(plot(variable, v, result));
            }
        }
        return plots;
    }

    private Map<String, Object> plot(Variable variable, int v, String result) {
        List<List<Object>> points = new ArrayList<>();
        rows.forEach((k, row) -> points.add(List.of(
                design.values(k)[v],
                row.containsKey(result) ? (Object) row.getOrDefault(result, 0.0) : NullNode.getInstance())));
        List<Map<String, Object>> series = new ArrayList<>();
        series.add(Map.of("name", result.replace('_', ' '), "points", points, "style", "points"));
        boolean log = variable.isLog() && TIMES.contains(result);
        fits.stream()
                .filter(fit -> log && fit.x().equals(variable.name()) && fit.y().equals(result))
                .filter(fit -> Double.isFinite(fit.slope()))
                .forEach(fit ->
                        series.add(Map.of("name", words(fit), "points", line(fit, variable), "style", "dashed")));
        Map<String, Object> plot = new TreeMap<>();
        plot.put("title", result.replace('_', ' '));
        plot.put("section", "Results by setting");
        plot.put("x", variable.name());
        plot.put("y", result.replace('_', ' '));
        plot.put("logX", variable.isLog());
        plot.put("logY", log);
        plot.put("series", series);
        return plot;
    }

    private static String words(Fit fit) {
        return String.format(Locale.ROOT, "slope %.3f (%.3f to %.3f)", fit.slope(), fit.low(), fit.high());
    }

    private static List<List<Double>> line(Fit fit, Variable variable) {
        return variable.values().stream()
                .map(x -> List.of(x, Math.exp(fit.intercept() + fit.slope() * Math.log(x))))
                .toList();
    }

    private Set<String> results() {
        Set<String> results = new LinkedHashSet<>();
        rows.values().forEach(row -> results.addAll(row.keySet()));
        return results;
    }

    private List<SimulationReport.Table> tables() {
        return List.of(
                new SimulationReport.Table(
                        "Slopes of logarithms",
                        List.of("Result", "Over", "Points", "Slope", "95 % interval"),
                        fits.stream()
                                .filter(fit -> Double.isFinite(fit.slope()))
                                .map(fit -> List.of(
                                        fit.y().replace('_', ' '),
                                        fit.x(),
                                        String.valueOf(fit.points()),
                                        String.format(Locale.ROOT, "%.4f", fit.slope()),
                                        String.format(Locale.ROOT, "%.4f to %.4f", fit.low(), fit.high())))
                                .toList()),
                new SimulationReport.Table(
                        "Setting",
                        List.of("Name", "Value"),
                        new TreeMap<>(design.texts())
                                .entrySet().stream()
                                        .map(entry -> List.of(entry.getKey(), entry.getValue()))
                                        .toList()));
    }
}
