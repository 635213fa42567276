package dev.inlay.app.experiments.layers;

import com.fasterxml.jackson.databind.node.NullNode;
import dev.inlay.app.report.SimulationReport;
import dev.inlay.app.report.SimulationReport.Heading;
import dev.inlay.app.report.SimulationReport.Table;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** The page about a model's layers: every curve of the model stands beside those of its controls. */
record LayerPage(Subject subject, Study study, List<LayerWeights> weights) {
    private static final String TOKENS = "Tokens by layer, with controls";
    private static final String CHANGE = "What the adapter changes";
    private static final String WEIGHTS = "Attention weights";

    private static final Map<String, String> CURVES = curves();

    private static Map<String, String> curves() {
        Map<String, String> curves = new LinkedHashMap<>();
        curves.put("cosine_mean_without_first", "Mean cosine of two tokens, without the first token");
        curves.put("cosine_mean", "Mean cosine, all tokens");
        curves.put("cosine_mean_centred", "Mean cosine around the tokens' mean");
        curves.put("effective_rank", "Effective rank");
        curves.put("clusters_" + LayerMeasures.THRESHOLD, "Clusters: chains of cosines above 0.9");
        curves.put("hdbscan_clusters", "Clusters by density (HDBSCAN)");
        curves.put("hdbscan_noise", "Share of tokens in no cluster by density");
        curves.put("fiedler_without_first", "Fiedler value, without the first token");
        curves.put("attention_entropy", "Entropy of attention, nats");
        curves.put("cka", "CKA to the entry before");
        curves.put(LayerMeasures.energy(1), "ln of the energy, beta 1");
        return curves;
    }

    void write(Path page) {
        int last = study.base().entries() - 1;
        List<Map.Entry<String, String>> tiles = new ArrayList<>();
        study.sides()
                .forEach((side, measures) -> tiles.add(Map.entry(
                        "mean cosine without first, last entry: " + LayerSummary.words(side),
                        LayerSummary.shown(measures.at(last, "cosine_mean_without_first")))));
        Map<String, Object> data = new TreeMap<>();
        data.put("plots", plots());
        SimulationReport.write(
                page,
                new Heading(
                        "tokens of a real model",
                        "Tokens through the layers",
                        String.format(
                                Locale.ROOT,
                                "%d tokens of %s in %d entries: the embeddings, then what each layer hands on, before the"
                                        + " last norm. High cosines alone are no clusters: compare with the same tokens"
                                        + " shuffled, one token repeated, and random weights.",
                                subject.text().ids().length,
                                subject.text().name(),
                                last + 1)),
                tiles,
                tables(),
                data);
    }

    // ------------------------------------------------------------------ pictures

    private List<Map<String, Object>> plots() {
        List<Map<String, Object>> plots = new ArrayList<>();
        CURVES.forEach((measure, title) -> {
            List<Map<String, Object>> series = new ArrayList<>();
            study.sides().forEach((side, measures) -> {
                List<List<Object>> points = new ArrayList<>();
                for (int entry = 0; entry < measures.entries(); entry++) {
                    points.add(point(entry, measures.at(entry, measure)));
                }
                series.add(series(LayerSummary.words(side), points, style(side)));
            });
            plots.add(plot(TOKENS, title, "entry", title.toLowerCase(Locale.ROOT), false, series));
        });
        plots.addAll(histograms());
        plots.addAll(changes());
        plots.addAll(spectra());
        plots.addAll(eigenvalues());
        return plots;
    }

    private static String style(String side) {
        return side.equals("base") || side.equals("adapter") ? "line" : "dashed";
    }

    private List<Map<String, Object>> histograms() {
        List<Map<String, Object>> plots = new ArrayList<>();
        for (int entry : chosen(study.base().entries())) {
            List<Map<String, Object>> series = new ArrayList<>();
            study.sides().forEach((side, measures) -> {
                List<List<Object>> points = new ArrayList<>();
                for (int part = 0; part < LayerMeasures.PARTS; part++) {
                    double middle = (part + 0.5) * 2 / LayerMeasures.PARTS - 1;
                    points.add(point(middle, measures.histograms().get(entry)[part]));
                }
                series.add(series(LayerSummary.words(side), points, style(side)));
            });
            plots.add(plot(TOKENS, "Cosines of pairs at entry " + entry, "cosine", "share of pairs", false, series));
        }
        return plots;
    }

    private List<Map<String, Object>> changes() {
        List<Map<String, Object>> plots = new ArrayList<>();
        Set<String> measures = new LinkedHashSet<>();
        study.differences().forEach(each -> measures.add(each.measure()));
        for (String measure : measures) {
            List<List<Object>> value = new ArrayList<>();
            List<List<Object>> low = new ArrayList<>();
            List<List<Object>> high = new ArrayList<>();
            study.differences().stream()
                    .filter(each -> each.measure().equals(measure))
                    .forEach(each -> {
                        value.add(point(each.entry(), each.value()));
                        low.add(point(each.entry(), each.interval().low()));
                        high.add(point(each.entry(), each.interval().high()));
                    });
            String title = measure.equals("drift")
                    ? "Drift |h' - h| / |h|, mean over tokens"
                    : "Adapter less base: " + LayerSummary.words(measure);
            List<Map<String, Object>> series = List.of(
                    series("value", value, "line"),
                    series("95 % interval, low", low, "dashed"),
                    series("95 % interval, high", high, "dashed"));
            plots.add(plot(CHANGE, title, "entry", LayerSummary.words(measure), false, series));
        }
        return plots;
    }

    private List<Map<String, Object>> spectra() {
        List<Map<String, Object>> plots = new ArrayList<>();
        for (int layer : chosen(layers())) {
            for (String matrix : List.of("V sum", "A sum")) {
                List<Map<String, Object>> series = new ArrayList<>();
                weights.stream()
                        .filter(each -> each.layer() == layer && each.spectra().containsKey(matrix))
                        .forEach(each -> {
                            List<Double> values = each.spectra().getOrDefault(matrix, List.of());
                            List<List<Object>> points = new ArrayList<>();
                            for (int k = 0; k < values.size(); k++) {
                                points.add(point(k + 1, values.get(k)));
                            }
                            series.add(series(each.side(), points, each.side().equals("base") ? "line" : "dashed"));
                        });
                String what = matrix.startsWith("V") ? "W_O W_V" : "K'Q";
                String title = "Singular values of " + what + ", heads summed, layer " + layer;
                plots.add(plot(WEIGHTS, title, "number", "singular value", true, series));
            }
        }
        return plots;
    }

    private List<Map<String, Object>> eigenvalues() {
        List<Map<String, Object>> plots = new ArrayList<>();
        for (int layer : chosen(layers())) {
            List<Map<String, Object>> series = new ArrayList<>();
            weights.stream()
                    .filter(each -> each.layer() == layer && each.eigenvalues().containsKey(LayerWeights.SUM))
                    .forEach(each -> {
                        List<Double> values = each.eigenvalues().getOrDefault(LayerWeights.SUM, List.of());
                        List<List<Object>> points = new ArrayList<>();
                        for (int k = 0; k < values.size(); k += 2) {
                            points.add(List.of(rounded(values.get(k)), rounded(values.get(k + 1))));
                        }
                        series.add(series(each.side(), points, "points"));
                    });
            String title = "Eigenvalues of W_O W_V, heads summed, layer " + layer;
            plots.add(plot(WEIGHTS, title, "real part", "imaginary part", false, series));
        }
        return plots;
    }

    private int layers() {
        return weights.stream().mapToInt(LayerWeights::layer).max().orElse(0) + 1;
    }

    /** First, middle and last. */
    private static Set<Integer> chosen(int count) {
        return new LinkedHashSet<>(List.of(0, count / 2, count - 1));
    }

    private static Map<String, Object> plot(
            String section, String title, String x, String y, boolean log, List<Map<String, Object>> series) {
        Map<String, Object> plot = new TreeMap<>();
        plot.put("section", section);
        plot.put("title", title);
        plot.put("x", x);
        plot.put("y", y);
        plot.put("logX", false);
        plot.put("logY", log);
        plot.put("series", series);
        return plot;
    }

    private static Map<String, Object> series(String name, List<List<Object>> points, String style) {
        return Map.of("name", name, "points", points, "style", style);
    }

    private static List<Object> point(double x, double y) {
        return List.of(rounded(x), Double.isFinite(y) ? (Object) rounded(y) : NullNode.getInstance());
    }

    /** To what a screen can show. */
    private static double rounded(double value) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.6g", value));
    }

    // ------------------------------------------------------------------ tables

    private List<Table> tables() {
        List<Table> tables = new ArrayList<>();
        for (String measure : List.of("cosine_mean_without_first", "cosine_mean_centred", "effective_rank")) {
            tables.add(byEntry(measure));
        }
        tables.add(densities());
        tables.add(byEntry("fiedler_without_first"));
        tables.add(differences());
        tables.add(sums());
        tables.add(gaps());
        tables.add(limits());
        List<List<String>> settings = new ArrayList<>();
        subject.settings().forEach((name, value) -> settings.add(List.of(name, String.valueOf(value))));
        tables.add(new Table("Setting", List.of("Name", "Value"), settings));
        return tables;
    }

    private Table byEntry(String measure) {
        return byEntry(
                LayerSummary.words(measure), (measures, entry) -> LayerSummary.shown(measures.at(entry, measure)));
    }

    private Table densities() {
        return byEntry(
                "clusters by density; share of noise; born, merged, died since the entry before", (at, entry) -> {
                    String clusters = LayerSummary.shown(at.at(entry, "hdbscan_clusters")) + "; "
                            + LayerSummary.shown(at.at(entry, "hdbscan_noise"));
                    return Double.isNaN(at.at(entry, "hdbscan_births"))
                            ? clusters
                            : clusters + "; " + LayerSummary.shown(at.at(entry, "hdbscan_births")) + ", "
                                    + LayerSummary.shown(at.at(entry, "hdbscan_merges")) + ", "
                                    + LayerSummary.shown(at.at(entry, "hdbscan_deaths"));
                });
    }

    private Table byEntry(String title, BiFunction<LayerMeasures, Integer, String> cell) {
        List<String> columns = new ArrayList<>(List.of("Entry"));
        study.sides().keySet().forEach(side -> columns.add(LayerSummary.words(side)));
        List<List<String>> rows = new ArrayList<>();
        for (int entry = 0; entry <= study.base().entries(); entry++) {
            List<String> row = new ArrayList<>();
            row.add(entry == study.base().entries() ? "last, normed" : String.valueOf(entry));
            for (LayerMeasures measures : study.sides().values()) {
                row.add(cell.apply(measures, entry));
            }
            rows.add(row);
        }
        return new Table("Base and controls: " + title, columns, rows);
    }

    private Table differences() {
        List<List<String>> rows = study.differences().stream()
                .map(each -> List.of(
                        String.valueOf(each.entry()),
                        LayerSummary.words(each.measure()),
                        LayerSummary.shown(each.value()),
                        LayerSummary.shown(each.interval().low()) + " to "
                                + LayerSummary.shown(each.interval().high())))
                .toList();
        return new Table(
                "Adapter less base, with 95 % intervals over resampled tokens",
                List.of("Entry", "Measure", "Difference", "Interval"), rows);
    }

    private Table sums() {
        List<List<String>> rows = new ArrayList<>();
        for (LayerWeights each : weights) {
            Map<String, Double> row = each.rows().get(LayerWeights.SUM);
            if (row != null) {
                rows.add(List.of(
                        each.layer() + " " + each.side(),
                        shown(row, "score_rank"),
                        shown(row, "score_rank_99_energy"),
                        shown(row, "score_effective_rank"),
                        shown(row, "value_rank"),
                        shown(row, "value_norm"),
                        shown(row, "value_spectral_radius"),
                        shown(row, "value_change_relative"),
                        shown(row, "score_change_relative")));
            }
        }
        return new Table(
                "Weights, heads summed",
                List.of(
                        "Layer",
                        "Rank of K'Q",
                        "of 99 % energy",
                        "effective",
                        "Rank of W_O W_V",
                        "its norm",
                        "spectral radius",
                        "change of W_O W_V",
                        "change of K'Q"),
                rows);
    }

    private static String shown(Map<String, Double> row, String measure) {
        return LayerSummary.shown(row.getOrDefault(measure, Double.NaN));
    }

    private Table gaps() {
        List<List<String>> rows = new ArrayList<>();
        weights.forEach(each -> each.gap()
                .ifPresent(gap -> rows.add(List.of(
                        String.valueOf(each.layer()),
                        LayerSummary.shown(gap.gap()),
                        LayerSummary.shown(gap.along()),
                        LayerSummary.shown(gap.aside()),
                        LayerSummary.shown(gap.rest()),
                        gap.isMet() ? "met" : "not met",
                        LayerRun.hypotheses(gap)))));
        return new Table(
                "Gap criterion: gap + a > 2|b| + |E|, of the symmetric part of W_O W_V",
                List.of("Layer", "gap", "a", "|b|", "|E|", "Criterion", "Hypotheses of the theorem"),
                rows);
    }

    private static Table limits() {
        return new Table(
                "How to read this",
                List.of("What", "How it is treated"),
                List.of(
                        List.of("positions (RoPE)", "ignored in K'Q and V; they act in the passes"),
                        List.of("biases, norms", "no part of K'Q and V; they act in the passes"),
                        List.of("first token", "often far from all others (attention sink): see \"without first\""),
                        List.of("centred", "less the mean of all tokens but the first, without the first"),
                        List.of("last norm", "in no entry; the row \"last, normed\" is after it"),
                        List.of(
                                "clusters by density",
                                "HDBSCAN on the chords between tokens on the sphere, at least 5 tokens each; it never"
                                        + " takes all tokens for one cluster"),
                        List.of(
                                "Fiedler value",
                                "of the kernel exp(5 (cosine - 1)) scaled to a doubly stochastic matrix: 1 where all"
                                        + " tokens are equal, near 0 where they fall apart into groups"),
                        List.of(
                                "numerical rank",
                                "singular values above largest x width x 2^-23 (2^-52 where the weights are float64)"),
                        List.of(
                                "intervals",
                                "tokens resampled 1,000 times within this text; another text may differ by more"),
                        List.of("random", "the same text and shapes, weights drawn as training from scratch begins")));
    }
}
