package dev.inlay.app.experiments.dynamics;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.node.NullNode;
import dev.inlay.app.report.SimulationReport;
import dev.inlay.app.report.SimulationReport.Heading;
import dev.inlay.app.report.TrajectoryPicture;
import dev.inlay.dynamics.Clusters;
import dev.inlay.dynamics.Finding;
import dev.inlay.dynamics.Hypothesis;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.AtomicDirectory.Existing;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsWriter;
import dev.inlay.model.files.StoredType;
import dev.inlay.training.run.Versions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Writes a simulation as a run. The same setting gives the same bytes.
 *
 * <table>
 * <caption>Files</caption>
 * <tr><td>{@code run.json}</td><td>setting, seed, versions, events, findings with their hypotheses, numbers</td></tr>
 * <tr><td>{@code trajectory.csv}</td><td>run, t, token, coordinates</td></tr>
 * <tr><td>{@code trajectory.safetensors}</td><td>{@code times} [frames], {@code base} and {@code changed} [frames, tokens,
 *     dimension], float64</td></tr>
 * <tr><td>{@code metrics.csv}</td><td>t, then each measure of base and changed run</td></tr>
 * <tr><td>{@code events.csv}</td><td>time, run, kind, detail</td></tr>
 * <tr><td>{@code trajectory.svg}, {@code report.html}</td><td>for people</td></tr>
 * </table>
 */
public final class SimulationRun {
    private static final int FORMAT = 1;
    private static final int FRAMES = 120;
    private static final int MOST_SHOWN_ATTENTION = 24;

    private final Outcome outcome;
    private final Map<String, List<Frame>> frames = new LinkedHashMap<>();
    private final double[] times;
    private final List<Event> events;
    private final Map<String, List<Finding>> findings;

    private SimulationRun(Outcome outcome) {
        this.outcome = outcome;
        this.times = outcome.times(FRAMES);
        frames.put("base", outcome.frames(outcome.base(), times));
        outcome.changed().ifPresent(run -> frames.put("changed", outcome.frames(run, times)));
        this.events = outcome.events();
        this.findings = outcome.findings();
    }

    /** Runs a setting and writes the directory whole or not at all; what was found comes back. */
    public static Map<String, List<Finding>> write(Path directory, Setting setting) {
        SimulationRun run = new SimulationRun(Outcome.of(setting));
        AtomicDirectory.write(directory, Existing.REFUSE, run::fill, written -> {});
        return run.findings;
    }

    private void fill(Path directory) throws IOException {
        Json.write(directory.resolve("run.json"), record());
        Files.writeString(directory.resolve("trajectory.csv"), trajectories(), UTF_8);
        Files.writeString(directory.resolve("metrics.csv"), metrics(), UTF_8);
        Files.writeString(directory.resolve("events.csv"), eventRows(), UTF_8);
        Files.writeString(directory.resolve("trajectory.svg"), picture(), UTF_8);
        tensors(directory.resolve("trajectory.safetensors"));
        report(directory.resolve("report.html"));
    }

    private Map<String, Object> record() {
        Map<String, Object> record = new TreeMap<>();
        record.put("format", FORMAT);
        record.put("command", "dynamics run");
        record.put("settings", outcome.setting().texts());
        record.put("seeds", Map.of("start", outcome.setting().seed()));
        record.put("versions", Versions.now());
        record.put("events", events);
        record.put("warnings", outcome.warnings());
        record.put("numbers", finite(outcome.numbers()));
        Map<String, Object> found = new TreeMap<>();
        findings.forEach((name, list) ->
                found.put(name, list.stream().map(SimulationRun::json).toList()));
        record.put("findings", found);
        return record;
    }

    /** JSON knows no NaN: what does not exist is left out. */
    static Map<String, Double> finite(Map<String, Double> numbers) {
        Map<String, Double> finite = new TreeMap<>();
        numbers.forEach((name, number) -> {
            if (Double.isFinite(number)) {
                finite.put(name, number);
            }
        });
        return finite;
    }

    static Map<String, Object> json(Finding finding) {
        Map<String, Object> json = new TreeMap<>();
        json.put("statement", finding.statement());
        json.put("verdict", finding.verdict().name());
        json.put("quantity", finding.quantity());
        json.put("value", String.valueOf(finding.value()));
        json.put("bound", String.valueOf(finding.bound()));
        json.put("margin", String.valueOf(finding.margin()));
        Map<String, String> hypotheses = new LinkedHashMap<>();
        for (Hypothesis each : finding.hypotheses()) {
            hypotheses.put(each.text(), each.truth().name());
        }
        json.put("hypotheses", hypotheses);
        return json;
    }

    private String trajectories() {
        int d = outcome.setting().dimension();
        StringBuilder csv = new StringBuilder("run,t,token");
        for (int k = 1; k <= d; k++) {
            csv.append(",x").append(k);
        }
        csv.append('\n');
        frames.forEach((name, list) -> list.forEach(frame -> {
            for (int i = 0; i < outcome.setting().tokens(); i++) {
                csv.append(name).append(',').append(frame.time()).append(',').append(i);
                for (int k = 0; k < d; k++) {
                    csv.append(',').append(frame.positions()[i * d + k]);
                }
                csv.append('\n');
            }
        }));
        return csv.toString();
    }

    private static final Map<String, ToDoubleFunction<Frame>> MEASURES = measures();

    private static Map<String, ToDoubleFunction<Frame>> measures() {
        Map<String, ToDoubleFunction<Frame>> measures = new LinkedHashMap<>();
        measures.put("clusters", Frame::clusters);
        measures.put("log_residual", Frame::logResidual);
        measures.put("entropy", Frame::entropy);
        measures.put("effective_rank", Frame::effectiveRank);
        measures.put("log_energy", Frame::logEnergy);
        measures.put("attention_rank", Frame::attentionRank);
        return measures;
    }

    private String metrics() {
        StringBuilder csv = new StringBuilder("t");
        frames.keySet()
                .forEach(name -> MEASURES.keySet()
                        .forEach(measure ->
                                csv.append(',').append(name).append('_').append(measure)));
        csv.append(outcome.changed().isPresent() ? ",distance\n" : "\n");
        for (int k = 0; k < times.length; k++) {
            csv.append(times[k]);
            for (List<Frame> list : frames.values()) {
                Frame frame = list.get(k);
                MEASURES.values().forEach(measure -> csv.append(',').append(measure.applyAsDouble(frame)));
            }
            csv.append(outcome.changed().isPresent() ? "," + distance(k) + "\n" : "\n");
        }
        return csv.toString();
    }

    private double distance(int k) {
        List<Frame> changed = frames.getOrDefault("changed", List.of());
        List<Frame> base = frames.getOrDefault("base", List.of());
        return Outcome.distance(
                base.get(k).positions(),
                changed.get(k).positions(),
                outcome.setting().dimension());
    }

    private String eventRows() {
        StringBuilder csv = new StringBuilder("time,run,kind,detail\n");
        events.forEach(event -> csv.append(event.time())
                .append(',')
                .append(event.run())
                .append(',')
                .append(event.kind())
                .append(',')
                .append(event.detail())
                .append('\n'));
        return csv.toString();
    }

    private void tensors(Path file) {
        int n = outcome.setting().tokens();
        int d = outcome.setting().dimension();
        List<NewTensor> tensors = new ArrayList<>();
        tensors.add(tensor("times", times, times.length));
        frames.forEach((name, list) -> {
            double[] all = new double[list.size() * n * d];
            for (int k = 0; k < list.size(); k++) {
                System.arraycopy(list.get(k).positions(), 0, all, k * n * d, n * d);
            }
            tensors.add(tensor(name, all, list.size(), n, d));
        });
        SafetensorsWriter.write(file, tensors, Map.of());
    }

    private static NewTensor tensor(String name, double[] values, long... shape) {
        return NewTensor.of(name, StoredType.F64, shape, sink -> {
            ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Double.BYTES))
                    .order(ByteOrder.LITTLE_ENDIAN);
            bytes.asDoubleBuffer().put(values);
            sink.write(bytes);
        });
    }

    private String picture() {
        int d = outcome.setting().dimension();
        List<TrajectoryPicture.Panel> panels = new ArrayList<>();
        frames.forEach((name, list) -> {
            double[] last = list.get(list.size() - 1).positions();
            int[] groups = Clusters.within(last, d, outcome.setting().delta()).labels();
            panels.add(new TrajectoryPicture.Panel(
                    name, list.stream().map(Frame::positions).toList(), groups));
        });
        return TrajectoryPicture.svg(panels, d);
    }

    private void report(Path page) {
        Setting setting = outcome.setting();
        Map<String, Object> data = new TreeMap<>();
        data.put("times", Arrays.stream(times).boxed().toList());
        data.put("dimension", setting.dimension());
        data.put("sphere", setting.space().equals("sphere"));
        List<Map<String, Object>> runs = new ArrayList<>();
        frames.forEach((name, list) -> runs.add(shown(name, list)));
        data.put("runs", runs);
        data.put("events", events);
        data.put("curves", curves());
        data.put("diagrams", List.of());
        data.put("plots", List.of());
        String lead = String.format(
                Locale.ROOT,
                "%d tokens in %d dimensions, %s, space %s, rule %s, beta %s, scheme %s, up to T = %s",
                setting.tokens(),
                setting.dimension(),
                setting.heads() == 1 ? "one head" : setting.heads() + " heads",
                setting.space(),
                setting.rule(),
                Setting.plain(setting.beta()),
                setting.scheme(),
                Setting.plain(setting.time()));
        SimulationReport.write(page, Heading.ofSimulation(title(setting), lead), tiles(), tables(), data);
    }

    private static String title(Setting setting) {
        return setting.isPaired() ? "Base and changed: " + setting.change() : "Tokens under attention";
    }

    private List<Map.Entry<String, String>> tiles() {
        List<Map.Entry<String, String>> tiles = new ArrayList<>();
        outcome.numbers().forEach((name, value) -> {
            if (tiles.size() < 8) {
                tiles.add(Map.entry(name.replace('_', ' '), Double.isFinite(value) ? words(value) : "none"));
            }
        });
        return tiles;
    }

    static String words(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e6
                ? String.format(Locale.ROOT, "%.0f", value)
                : String.format(Locale.ROOT, "%.5g", value);
    }

    private Map<String, Object> shown(String name, List<Frame> list) {
        int d = outcome.setting().dimension();
        boolean attention = outcome.setting().tokens() <= MOST_SHOWN_ATTENTION;
        Map<String, Object> shown = new TreeMap<>();
        shown.put("name", name);
        shown.put(
                "frames",
                list.stream().map(frame -> coordinates(frame.positions(), d)).toList());
        shown.put("strongest", list.stream().map(Frame::strongest).toList());
        shown.put(
                "attention",
                attention
                        ? list.stream()
                                .map(frame -> Arrays.stream(frame.attention())
                                        .map(p -> Math.round(p * 1000) / 1000.0)
                                        .boxed()
                                        .toList())
                                .toList()
                        : List.of());
        return shown;
    }

    /** At most three coordinates of each token, rounded to what a screen can show; null where they are not finite. */
    private static List<Object> coordinates(double[] x, int d) {
        List<Object> shown = new ArrayList<>();
        for (int i = 0; i < x.length; i++) {
            if (i % d < 3) {
                shown.add(Double.isFinite(x[i]) ? (Object) (double) (float) x[i] : NullNode.getInstance());
            }
        }
        return shown;
    }

    private List<Map<String, Object>> curves() {
        List<Map<String, Object>> curves = new ArrayList<>();
        if (outcome.changed().isPresent()) {
            List<Object> distances = new ArrayList<>();
            for (int k = 0; k < times.length; k++) {
                distances.add(distance(k));
            }
            curves.add(curve("Largest distance between the runs", true, List.of(series("distance", distances))));
        }
        curves.add(curve("Clusters", false, each(frame -> (double) frame.clusters())));
        curves.add(curve("Distance of attention from 0 and 1", true, each(frame -> Math.exp(frame.logResidual()))));
        curves.add(curve("Entropy of attention in nats", false, each(Frame::entropy)));
        curves.add(curve("Effective rank of the tokens", false, each(Frame::effectiveRank)));
        curves.add(curve("Rank of attention", false, each(Frame::attentionRank)));
        if (outcome.setting().space().equals("sphere")) {
            curves.add(curve("ln of the energy", false, each(Frame::logEnergy)));
        }
        return curves;
    }

    private static Map<String, Object> curve(String title, boolean log, List<Map<String, Object>> series) {
        return Map.of("title", title, "log", log, "series", series);
    }

    private List<Map<String, Object>> each(Function<Frame, Double> measure) {
        List<Map<String, Object>> all = new ArrayList<>();
        frames.forEach((name, list) -> {
            List<Object> values = new ArrayList<>();
            list.forEach(frame -> values.add(finiteOrNull(measure.apply(frame))));
            all.add(series(name, values));
        });
        return all;
    }

    private static Object finiteOrNull(double value) {
        return Double.isFinite(value) ? (Object) value : NullNode.getInstance();
    }

    private static Map<String, Object> series(String name, List<Object> values) {
        return Map.of("name", name, "values", values);
    }

    private List<SimulationReport.Table> tables() {
        List<List<String>> rows = new ArrayList<>();
        findings.forEach((name, list) -> list.forEach(finding -> {
            String hypotheses = String.join(
                    "; ",
                    finding.hypotheses().stream()
                            .map(each ->
                                    each.text() + ": " + each.truth().name().toLowerCase(Locale.ROOT))
                            .toList());
            rows.add(List.of(
                    finding.statement(),
                    name,
                    finding.verdict().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    finding.quantity() + " = " + words(finding.value()),
                    Double.isNaN(finding.bound()) ? "" : words(finding.bound()),
                    hypotheses));
        }));
        return List.of(
                new SimulationReport.Table(
                        "Warnings",
                        List.of("What to know"),
                        outcome.warnings().stream().map(List::of).toList()),
                new SimulationReport.Table(
                        "Events",
                        List.of("Event", "Run", "Time", "Detail"),
                        events.stream()
                                .limit(200)
                                .map(event -> List.of(event.kind(), event.run(), words(event.time()), event.detail()))
                                .toList()),
                new SimulationReport.Table(
                        "Statements of the theory",
                        List.of("Statement", "Run", "Verdict", "Measured", "Bound", "Hypotheses"),
                        rows),
                new SimulationReport.Table(
                        "Setting",
                        List.of("Name", "Value"),
                        outcome.setting().texts().entrySet().stream()
                                .map(entry -> List.of(entry.getKey(), entry.getValue()))
                                .toList()));
    }
}
