package dev.inlay.app.experiments.layers;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.app.report.SimulationReport;
import dev.inlay.app.report.SimulationReport.Heading;
import dev.inlay.app.report.SimulationReport.Table;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Eigenvalues;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Site;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.AtomicDirectory.Existing;
import dev.inlay.model.files.Json;
import dev.inlay.training.run.Versions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The eigenvalues of what adapters change, one adapter after the other as training left them; the same adapters give the same
 * bytes.
 *
 * <table>
 * <caption>Files</caption>
 * <tr><td>{@code eigenvalues.csv}</td><td>for each adapter, in the order given, and each square map: the eigenvalues of BA of
 *     largest modulus, real part, imaginary part and modulus, the scale alpha / r, and the modulus of the effective
 *     change (alpha / r) BA</td></tr>
 * <tr><td>{@code run.json}</td><td>settings and versions</td></tr>
 * <tr><td>{@code report.html}</td><td>moduli of the effective change over the adapters, a curve for each layer</td></tr>
 * </table>
 *
 * @param top how many eigenvalues of each map, at least 1
 * @param model for the record
 * @param moments by step
 */
public record EigenvalueRun(int top, String model, List<Moment> moments) {
    private static final int FORMAT = 1;

    public EigenvalueRun {
        InlayException.require(top >= 1, "at least 1 eigenvalue of each map is needed, asked for %d", top);
        InlayException.require(!moments.isEmpty(), "at least one adapter is needed");
        moments = List.copyOf(moments);
    }

    /**
     * The square maps of one adapter.
     *
     * @param step of the training, or the place in the order
     * @param values at each square map
     */
    public record Moment(String adapter, long step, Map<Site, Eigen> values) {
        /**
         * Computes the eigenvalues in float64.
         *
         * @throws InlayException if no map that the adapter changes is square
         */
        public static Moment of(String name, long step, Adapter adapter) {
            Map<Site, Eigen> values = new TreeMap<>();
            adapter.factors().forEach((site, change) -> {
                if (change.in() == change.out()) {
                    values.put(site, Eigen.of(change));
                }
            });
            if (values.isEmpty()) {
                LowRank one = adapter.factors().values().iterator().next();
                throw InlayException.adapter(
                        "%s: none of the %d maps it changes is square (one is [%d, %d]), and only a square matrix has"
                                + " eigenvalues; give an adapter of maps from the stream to itself",
                        name, adapter.factors().size(), one.out(), one.in());
            }
            return new Moment(name, step, values);
        }
    }

    /**
     * The eigenvalues of BA that need not be 0, the largest modulus first.
     *
     * @param scale alpha / r
     */
    public record Eigen(List<Complex> values, double scale) {
        /** BA [width, width] has those of A B [rank, rank], and zeros. */
        static Eigen of(LowRank change) {
            List<Complex> values = new ArrayList<>();
            try (Scope scope = Scope.open()) {
                Tensor small = wide(change.down()).matmul(wide(change.up()));
                double[] parts = Eigenvalues.of(small).toDoubles();
                for (int k = 0; k < parts.length; k += 2) {
                    values.add(new Complex(parts[k], parts[k + 1]));
                }
            }
            values.sort(Comparator.comparingDouble(Complex::modulus)
                    .thenComparingDouble(Complex::real)
                    .thenComparingDouble(Complex::imaginary)
                    .reversed());
            return new Eigen(values, change.scale());
        }

        private static Tensor wide(Tensor factor) {
            return factor.to(Device.CPU).to(DType.FLOAT64);
        }

        /** Modulus of the k-th eigenvalue of (alpha / r) BA, from 0 on; NaN where there are fewer. */
        double effective(int k) {
            return k < values.size() ? Math.abs(scale) * values.get(k).modulus() : Double.NaN;
        }
    }

    /** An eigenvalue. */
    public record Complex(double real, double imaginary) {
        double modulus() {
            return Math.hypot(real, imaginary);
        }
    }

    /**
     * Writes the directory whole or not at all.
     *
     * @return the largest of each kind of map in the last adapter, a line each
     */
    public List<String> write(Path directory) {
        AtomicDirectory.write(directory, Existing.REFUSE, this::fill, written -> {});
        return largest();
    }

    private void fill(Path directory) throws IOException {
        Map<String, Object> record = new TreeMap<>();
        record.put("format", FORMAT);
        record.put("command", "dynamics eigenvalues");
        record.put(
                "settings",
                Map.of(
                        "model",
                        model,
                        "adapters",
                        moments.stream().map(Moment::adapter).toList(),
                        "top",
                        top));
        record.put("versions", Versions.now());
        record.put("findings", largest());
        Json.write(directory.resolve("run.json"), record);
        Files.writeString(directory.resolve("eigenvalues.csv"), csv(), UTF_8);
        page(directory.resolve("report.html"));
    }

    private CharSequence csv() {
        StringBuilder csv = new StringBuilder(
                "step,adapter,layer,projection,index,real,imaginary,modulus,scale,effective_modulus\n");
        for (Moment moment : moments) {
            moment.values.forEach((site, eigen) -> {
                for (int k = 0; k < Math.min(top, eigen.values.size()); k++) {
                    Complex value = eigen.values.get(k);
                    csv.append(moment.step + ",\"" + moment.adapter.replace("\"", "\"\"") + "\"," + site.layer() + ",");
                    csv.append(name(site) + "," + k + "," + value.real + "," + value.imaginary + ",");
                    csv.append(value.modulus() + "," + eigen.scale + "," + eigen.effective(k) + "\n");
                }
            });
        }
        return csv;
    }

    private static String name(Site site) {
        return site.projection().name().toLowerCase(Locale.ROOT);
    }

    private Map<String, TreeSet<Site>> byProjection() {
        Map<String, TreeSet<Site>> sites = new TreeMap<>();
        moments.forEach(moment -> moment.values
                .keySet()
                .forEach(site -> sites.computeIfAbsent(name(site), ignored -> new TreeSet<>())
                        .add(site)));
        return sites;
    }

    private List<String> largest() {
        Map<String, Map.Entry<Site, Eigen>> largest = new TreeMap<>();
        moments.get(moments.size() - 1)
                .values
                .entrySet()
                .forEach(each -> largest.merge(
                        name(each.getKey()),
                        each,
                        (one, other) ->
                                one.getValue().effective(0) >= other.getValue().effective(0) ? one : other));
        List<String> lines = new ArrayList<>();
        largest.forEach((projection, found) -> lines.add(String.format(
                Locale.ROOT,
                "%s, last of %d adapters: largest eigenvalue of BA %.4g in layer %d, times alpha / r %.4g",
                projection,
                moments.size(),
                found.getValue().values.get(0).modulus(),
                found.getKey().layer(),
                found.getValue().effective(0))));
        return lines;
    }

    private void page(Path page) {
        List<Map<String, Object>> plots = new ArrayList<>();
        byProjection().forEach((projection, sites) -> {
            for (int k = 0; k < top; k++) {
                plots.add(plot(projection, sites, k));
            }
        });
        List<List<String>> rows = moments.stream()
                .map(moment ->
                        List.of(String.valueOf(moment.step), moment.adapter, String.valueOf(moment.values.size())))
                .toList();
        SimulationReport.write(
                page,
                new Heading(
                        "a real adapter",
                        "Eigenvalues of a low-rank change",
                        "Moduli of the eigenvalues of (alpha / r) BA, as adapters of one training follow each other."),
                List.of(),
                List.of(new Table("Adapters", List.of("Step", "Directory", "Square maps"), rows)),
                Map.of("plots", plots));
    }

    private Map<String, Object> plot(String projection, TreeSet<Site> sites, int k) {
        List<Map<String, Object>> series = new ArrayList<>();
        for (Site site : sites) {
            List<List<Object>> points = new ArrayList<>();
            for (Moment moment : moments) {
                Eigen eigen = moment.values.get(site);
                if (eigen != null && k < eigen.values.size()) {
                    points.add(List.of(moment.step, eigen.effective(k)));
                }
            }
            series.add(Map.of("name", "layer " + site.layer(), "points", points, "style", "line"));
        }
        Map<String, Object> plot = new TreeMap<>();
        plot.put("section", projection.replace('_', ' '));
        plot.put("title", "Eigenvalue number " + (k + 1) + " of (alpha / r) BA, " + projection.replace('_', ' '));
        plot.put("x", "step");
        plot.put("y", "modulus");
        plot.put("logX", false);
        plot.put("logY", false);
        plot.put("series", series);
        return plot;
    }
}
