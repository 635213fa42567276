package dev.inlay.app.experiments.dynamics;

import static dev.inlay.InlayException.require;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inlay.InlayException;
import dev.inlay.app.report.SimulationReport;
import dev.inlay.dynamics.Adaptive;
import dev.inlay.dynamics.Euclidean;
import dev.inlay.dynamics.GaussianField;
import dev.inlay.dynamics.Head;
import dev.inlay.dynamics.Interaction;
import dev.inlay.dynamics.Matrix;
import dev.inlay.dynamics.Mersenne;
import dev.inlay.dynamics.Weights;
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
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Mean and covariance of infinitely many Gaussian tokens ({@link GaussianField}) beside those of many that are drawn; written
 * as {@code run.json}, {@code gauss.csv} and {@code report.html}. The same settings give the same bytes.
 *
 * <p>{@code gauss.csv} has a row for each time and number, {@code mean K} or {@code covariance I J} (I &lt;= J, from 1 on): what
 * the field says, the closed form in one dimension (of the covariance; else empty), and of the draws their mean and its
 * standard error.
 *
 * @param score A and {@code value} V, as {@link Texts#matrix} reads them, {@code covariance} likewise
 * @param mean of the tokens at time 0, a number for each dimension
 * @param tokens of one draw
 * @param draws independent draws, at least 2
 * @param time until when; a field that ends before is followed to nine tenths of its time
 */
public record GaussRun(
        int dimension,
        String score,
        String value,
        String mean,
        String covariance,
        int tokens,
        int draws,
        double time,
        long seed) {
    private static final int FORMAT = 1;
    private static final int ROWS = 30;
    private static final double BEFORE_THE_END = 0.9;

    public GaussRun {
        require(dimension >= 1 && dimension <= 16, "dimension must be from 1 to 16, was %d", dimension);
        require(tokens >= 2 && tokens <= 10_000, "tokens must be from 2 to 10000, was %d", tokens);
        require(draws >= 2 && draws <= 1000, "draws must be from 2 to 1000, was %d", draws);
        require(time > 0 && time <= 300, "time must be above 0 and at most 300, was %s", time);
        require(seed >= 0, "seed must be at least 0, was %d", seed);
    }

    /**
     * What was found.
     *
     * @param end when the covariance is infinite, where it is before {@code time}
     * @param closed 1 / (2 V A S0), in one dimension and where it is above 0
     * @param last time of the last row
     * @param deviation largest distance of field and draws there, in standard errors
     */
    public record Result(OptionalDouble end, OptionalDouble closed, double last, double deviation) {}

    /** A number at a time; {@code closed} may be NaN. */
    private record Row(double time, String name, double field, double closed, double sampled, double error) {}

    @SuppressWarnings("ArrayRecordComponent") // a carrier, never compared
    private record Start(Head head, double[] mean, Matrix covariance) {}

    /** Follows field and draws and writes the directory whole or not at all. */
    public Result write(Path directory) {
        Start start = start();
        GaussianField field = new GaussianField(start.head());
        double[] state = field.state(start.mean(), start.covariance());
        OptionalDouble end = field.blowUp(state, time);
        double last = end.isPresent() ? BEFORE_THE_END * end.getAsDouble() : time;
        List<Row> rows = rows(start, field, state, last);
        double deviation = rows.stream()
                .filter(row -> row.time() == last)
                .mapToDouble(row -> Math.abs(row.sampled() - row.field()) / row.error())
                .max()
                .orElseThrow();
        Result result = new Result(end, closedEnd(start), last, deviation);
        AtomicDirectory.write(directory, Existing.REFUSE, at -> fill(at, rows, result), written -> {});
        return result;
    }

    private Start start() {
        Mersenne random = new Mersenne(seed);
        Head head = new Head(
                Texts.matrix(score, "score", dimension, random), Texts.matrix(value, "value", dimension, random));
        String[] words = mean.strip().split("\\s+", -1);
        require(words.length == dimension, "mean must have %d numbers, found %d", dimension, words.length);
        double[] numbers = new double[dimension];
        for (int k = 0; k < dimension; k++) {
            numbers[k] = Texts.number(words[k], "mean");
        }
        Matrix spread = Texts.matrix(covariance, "covariance", dimension, random);
        if (!spread.isSymmetric() || spread.spectrum().real(dimension - 1) <= 0) {
            throw InlayException.usage(
                    "covariance must be symmetric with eigenvalues above 0; use such as identity or \"diagonal 1"
                            + " 0.5\"");
        }
        return new Start(head, numbers, spread);
    }

    /** 2 V A S0 in one dimension. */
    private OptionalDouble closedEnd(Start start) {
        double rate = dimension == 1 ? growth(start) : 0;
        return rate > 0 ? OptionalDouble.of(1 / rate) : OptionalDouble.empty();
    }

    private static double growth(Start start) {
        return 2
                * start.head().value().get(0, 0)
                * start.head().score().get(0, 0)
                * start.covariance().get(0, 0);
    }

    private List<Row> rows(Start start, GaussianField field, double[] state, double last) {
        double[] times =
                IntStream.rangeClosed(0, ROWS).mapToDouble(k -> last * k / ROWS).toArray();
        dev.inlay.dynamics.Path exact = Adaptive.REFERENCE.run(field, state, 0, last);
        List<double[][]> sampled = IntStream.range(0, draws)
                .parallel()
                .mapToObj(draw -> sampled(start, Mersenne.ofRun(seed, draw), times))
                .toList();
        List<Row> rows = new ArrayList<>();
        for (int k = 0; k <= ROWS; k++) {
            double[] now = exact.at(times[k]);
            for (int at = 0; at < now.length; at++) {
                int i = at / dimension - 1;
                int j = at % dimension;
                if (i > j) {
                    continue;
                }
                String name = i < 0 ? "mean " + (j + 1) : "covariance " + (i + 1) + " " + (j + 1);
                double closed = dimension == 1 && i == 0
                        ? start.covariance().get(0, 0) / (1 - growth(start) * times[k])
                        : Double.NaN;
                rows.add(row(times[k], name, now[at], closed, sampled, k, at));
            }
        }
        return rows;
    }

    private Row row(double t, String name, double field, double closed, List<double[][]> sampled, int k, int at) {
        double mean = sampled.stream().mapToDouble(each -> each[k][at]).sum() / draws;
        double square = sampled.stream()
                .mapToDouble(each -> (each[k][at] - mean) * (each[k][at] - mean))
                .sum();
        return new Row(t, name, field, closed, mean, Math.sqrt(square / (draws - 1) / draws));
    }

    /** Mean and covariance of drawn tokens at each time, as a state of the field holds them. */
    private double[][] sampled(Start start, Mersenne random, double[] times) {
        double[] x = new double[tokens * dimension];
        Matrix root = start.covariance().root();
        for (int token = 0; token < tokens; token++) {
            double[] drawn = root.apply(random.normal(dimension));
            for (int k = 0; k < dimension; k++) {
                x[token * dimension + k] = start.mean()[k] + drawn[k];
            }
        }
        Euclidean flow = new Euclidean(tokens, dimension, Weights.tied(start.head()), Interaction.softmax(1));
        dev.inlay.dynamics.Path path = Adaptive.DEFAULT.run(flow, x, 0, times[ROWS]);
        double[][] moments = new double[times.length][];
        for (int k = 0; k < times.length; k++) {
            moments[k] = moments(path.at(times[k]));
        }
        return moments;
    }

    private double[] moments(double[] x) {
        double[] moments = new double[dimension + dimension * dimension];
        for (int at = 0; at < x.length; at++) {
            moments[at % dimension] += x[at] / tokens;
        }
        for (int token = 0; token < tokens; token++) {
            for (int i = 0; i < dimension; i++) {
                for (int j = 0; j < dimension; j++) {
                    moments[dimension + i * dimension + j] += (x[token * dimension + i] - moments[i])
                            * (x[token * dimension + j] - moments[j])
                            / (tokens - 1);
                }
            }
        }
        return moments;
    }

    private Map<String, Object> settings() {
        Map<String, Object> settings = new TreeMap<>();
        settings.put("dimension", dimension);
        settings.put("score", score);
        settings.put("value", value);
        settings.put("mean", mean);
        settings.put("covariance", covariance);
        settings.put("tokens", tokens);
        settings.put("draws", draws);
        settings.put("time", time);
        settings.put("seed", seed);
        return settings;
    }

    private void fill(Path directory, List<Row> rows, Result result) throws IOException {
        Map<String, Object> record = new TreeMap<>();
        record.put("format", FORMAT);
        record.put("command", "dynamics gauss");
        record.put("settings", settings());
        record.put("versions", Versions.now());
        result.end().ifPresent(end -> record.put("end", end));
        result.closed().ifPresent(end -> record.put("end_closed", end));
        record.put("last", result.last());
        record.put("deviation", result.deviation());
        Json.write(directory.resolve("run.json"), record);
        StringBuilder csv = new StringBuilder("t,number,field,closed,sampled,error\n");
        for (Row row : rows) {
            csv.append(String.format(
                    Locale.ROOT,
                    "%s,%s,%s,%s,%s,%s\n",
                    row.time(),
                    row.name(),
                    row.field(),
                    Double.isNaN(row.closed()) ? "" : String.valueOf(row.closed()),
                    row.sampled(),
                    row.error()));
        }
        Files.writeString(directory.resolve("gauss.csv"), csv.toString(), UTF_8);
        report(directory.resolve("report.html"), rows, result);
    }

    private void report(Path page, List<Row> rows, Result result) {
        List<Map<String, Object>> plots = rows.stream()
                .map(Row::name)
                .distinct()
                .map(name -> plot(
                        name,
                        rows.stream().filter(row -> row.name().equals(name)).toList()))
                .toList();
        List<Map.Entry<String, String>> tiles = List.of(
                Map.entry("end of the field", shown(result.end())),
                Map.entry("closed form", shown(result.closed())),
                Map.entry("last time", SimulationRun.words(result.last())),
                Map.entry("largest deviation in standard errors", SimulationRun.words(result.deviation())));
        SimulationReport.write(
                page,
                SimulationReport.Heading.ofSimulation(
                        "Gaussian tokens",
                        "Mean and covariance of infinitely many Gaussian tokens, and of " + draws + " draws of "
                                + tokens
                                + " tokens (their mean). Where the field ends, finitely many tokens do not: no softmax"
                                + " over them sees beyond the farthest."),
                tiles,
                List.of(new SimulationReport.Table(
                        "Setting",
                        List.of("Name", "Value"),
                        settings().entrySet().stream()
                                .map(each -> List.of(each.getKey(), String.valueOf(each.getValue())))
                                .toList())),
                Map.of("plots", plots));
    }

    private static String shown(OptionalDouble time) {
        return time.isPresent() ? SimulationRun.words(time.getAsDouble()) : "none";
    }

    private static Map<String, Object> plot(String name, List<Row> rows) {
        List<List<Double>> field =
                rows.stream().map(row -> List.of(row.time(), row.field())).toList();
        List<List<Double>> sampled =
                rows.stream().map(row -> List.of(row.time(), row.sampled())).toList();
        Map<String, Object> plot = new TreeMap<>();
        plot.put("title", name);
        plot.put("section", "Field and draws");
        plot.put("x", "t");
        plot.put("y", name);
        plot.put("logX", false);
        plot.put("logY", false);
        plot.put(
                "series",
                List.of(
                        Map.of("name", "field", "points", field, "style", "line"),
                        Map.of("name", "draws", "points", sampled, "style", "points")));
        return plot;
    }
}
