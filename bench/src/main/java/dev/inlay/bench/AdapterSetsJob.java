package dev.inlay.bench;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Initialisation;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Targets;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Svd;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.PerRow;
import dev.inlay.model.Rows;
import dev.inlay.model.Site;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/**
 * What it costs that the rows of a batch use different adapters, and that a sum of changes is compressed.
 *
 * <p>Rates and times are those of the thread's own processor time, which kernels spend on the thread that calls them: a busy
 * neighbour disturbs it least. Prints, in one thread and float32: {@code bare_tokens_per_s}, {@code one_tokens_per_s} (all rows one adapter), and for
 * each number K of adapters {@code mixed_K_tokens_per_s} (K adapters in one pass, the rows in turn) and {@code
 * single_K_tokens_per_s} (the same rows in K passes of one adapter each); {@code factors_svd_s} and {@code dense_svd_s},
 * seconds for the singular values of the largest map's change of {@code --sum} adapters from the factors and from the
 * dense product.
 */
public final class AdapterSetsJob {
    /** Options of the command line. */
    interface Settings {
        @Option(names = "--model", required = true)
        Path model();

        @Option(names = "--rows", defaultValue = "8")
        int rows();

        @Option(names = "--length", defaultValue = "32", description = "tokens per row")
        int length();

        @Option(names = "--adapters", split = ",", defaultValue = "2,4,8")
        int[] adapters();

        @Option(names = "--rank", defaultValue = "16")
        int rank();

        @Option(names = "--sum", defaultValue = "4", description = "adapters in the sum that is decomposed")
        int sum();

        @Option(names = "--runs", defaultValue = "5", description = "timed runs")
        int runs();
    }

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Settings settings;
    private final Decoder decoder;
    private final List<int[]> rows;

    private AdapterSetsJob(Settings settings, Decoder decoder) {
        this.settings = settings;
        this.decoder = decoder;
        this.rows = JobTokens.rows(
                settings.rows(), settings.length(), decoder.config().vocabulary());
    }

    public static void main(String[] arguments) {
        Job.main(Settings.class, arguments, AdapterSetsJob::measure);
    }

    static Map<String, Object> measure(Settings settings) {
        for (int count : settings.adapters()) {
            InlayException.require(
                    count >= 1 && settings.rows() % count == 0,
                    "--adapters %d does not divide --rows %d",
                    count,
                    settings.rows());
        }
        try (Decoder decoder = ModelDirectory.open(settings.model()).load(DType.FLOAT32, Device.CPU);
                Scope scope = Scope.open()) {
            return new AdapterSetsJob(settings, decoder).report();
        }
    }

    private Map<String, Object> report() {
        Map<String, Object> report = new LinkedHashMap<>();
        double tokens = (double) settings.rows() * settings.length();
        report.put("bare_tokens_per_s", tokens / seconds(() -> run(rows, List.of())));
        List<Intervention> one = List.of(adapter(0));
        report.put("one_tokens_per_s", tokens / seconds(() -> run(rows, one)));
        for (int count : settings.adapters()) {
            List<List<Intervention>> lists = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                lists.add(List.of(adapter(i)));
            }
            report.put("mixed_" + count + "_tokens_per_s", tokens / seconds(() -> mixed(lists)));
            report.put("single_" + count + "_tokens_per_s", tokens / seconds(() -> single(lists)));
        }
        decompositions(report);
        report.put("rows", settings.rows());
        report.put("length", settings.length());
        report.put("rank", settings.rank());
        report.put("runs", settings.runs());
        ProcessCost.addTo(report);
        return report;
    }

    /** Every linear map but the head. */
    private Adapter adapter(long seed) {
        Targets targets = Targets.allLinear(decoder.sites());
        Map<Site, LowRank> factors = new TreeMap<>();
        for (LinearSite site : decoder.sites()) {
            if (targets.contains(site.site())) {
                factors.put(site.site(), Initialisation.RANDOM.factors(site, settings.rank(), 2, seed));
            }
        }
        return Adapter.of(factors);
    }

    private void run(List<int[]> some, List<Intervention> interventions) {
        try (Scope scope = Scope.open()) {
            decoder.hidden(Pass.over(Rows.of(some), interventions));
        }
    }

    private void mixed(List<List<Intervention>> lists) {
        List<List<Intervention>> each = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            each.add(lists.get(row % lists.size()));
        }
        run(rows, List.of(new PerRow(each)));
    }

    private void single(List<List<Intervention>> lists) {
        for (int i = 0; i < lists.size(); i++) {
            List<int[]> own = new ArrayList<>();
            for (int row = i; row < rows.size(); row += lists.size()) {
                own.add(rows.get(row));
            }
            run(own, lists.get(i));
        }
    }

    private void decompositions(Map<String, Object> report) {
        LinearSite largest = decoder.sites().stream()
                .filter(site -> !site.site().equals(Site.HEAD))
                .max(Comparator.comparingLong(site -> (long) site.in() * site.out()))
                .orElseThrow();
        LowRank sum = Initialisation.RANDOM.factors(largest, settings.rank(), 2, 0);
        for (int i = 1; i < settings.sum(); i++) {
            sum = sum.plus(Initialisation.RANDOM.factors(largest, settings.rank(), 2, i));
        }
        LowRank change = sum;
        report.put("factors_svd_s", seconds(() -> change.compressed(settings.rank())));
        Tensor dense = change.dense();
        report.put("dense_svd_s", seconds(() -> Svd.of(dense)));
        report.put("svd_out", largest.out());
        report.put("svd_in", largest.in());
        report.put("svd_rank", change.rank());
    }

    /** Median of the timed runs, after one that is not timed. */
    private double seconds(Runnable work) {
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i <= settings.runs(); i++) {
            long start = THREADS.getCurrentThreadCpuTime();
            try (Scope scope = Scope.open()) {
                work.run();
            }
            if (i > 0) {
                seconds.add((THREADS.getCurrentThreadCpuTime() - start) / 1e9);
            }
        }
        return new Sample(seconds).median();
    }
}
