package dev.inlay.bench;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Initialisation;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.Targets;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Site;
import dev.inlay.model.generation.GenerationListener;
import dev.inlay.model.generation.GenerationOptions;
import dev.inlay.model.generation.GenerationReport;
import dev.inlay.model.generation.Generator;
import dev.inlay.model.generation.Listening;
import dev.inlay.model.generation.Prompt;
import dev.inlay.model.generation.Sampling;
import dev.inlay.model.generation.Session;
import dev.inlay.model.generation.Stops;
import dev.inlay.model.generation.Voice;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import picocli.CommandLine.Option;

/**
 * A panel of judges: gated adapters of different weights, each with its trigger and instruction, on one context. Separate,
 * each judge reads context and instruction; forked, the context is read once and its keys and values are shared.
 *
 * <p>Times are those of the thread's own processor time, which a busy neighbour disturbs least, from nothing to the first
 * token of every judge, in one thread and float32; the two ways take turns. Prints for each number K of judges {@code
 * separate_K_s}, {@code forked_K_s}, {@code speedup_K} (the median of the ratios of the turns), {@code
 * separate_K_kv_bytes} and {@code forked_K_kv_bytes} (of all judges at once), {@code equal_K} (judges whose first token is
 * the same both ways), and {@code linear_limit_K}: K (P + I) / (P + K I). With {@code --decode N} also {@code
 * decode_shared_K_s} and {@code decode_copied_K_s}: seconds of the clock for a pass that reads one more token of every
 * judge, over shared keys and over a copy for each; medians of the turns, each of N tokens.
 */
public final class PanelJob {
    /** Options of the command line. */
    interface Settings {
        @Option(names = "--model", required = true)
        Path model();

        @Option(names = "--context", defaultValue = "1600", description = "tokens that all judges read, P")
        int context();

        @Option(names = "--instruction", defaultValue = "60", description = "tokens of trigger and instruction, I")
        int instruction();

        @Option(names = "--judges", split = ",", defaultValue = "1,5,20")
        int[] judges();

        @Option(names = "--tokens", defaultValue = "1", description = "tokens that each judge writes")
        int tokens();

        @Option(names = "--decode", defaultValue = "0", description = "tokens of each judge that are timed apart, or 0")
        int decode();

        @Option(names = "--prefill", defaultValue = "512", description = "most tokens of a pass that reads prompts")
        int prefill();

        @Option(names = "--rank", defaultValue = "16")
        int rank();

        @Option(names = "--runs", defaultValue = "3", description = "timed turns")
        int runs();
    }

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final Trigger TRIGGER = Trigger.of(List.of(3, 4, 3));

    private final Settings settings;
    private final Decoder decoder;
    private final GenerationOptions options;
    private final int[] context;

    private PanelJob(Settings settings, Decoder decoder) {
        this.settings = settings;
        this.decoder = decoder;
        this.options = GenerationOptions.of(Sampling.greedy(), Stops.none(), settings.tokens())
                .withThreads(1)
                .withRowsAtOnce(1024)
                .withPrefillTokens(settings.prefill());
        this.context = tokens(settings.context(), 0);
    }

    public static void main(String[] arguments) {
        Job.main(Settings.class, arguments, PanelJob::measure);
    }

    static Map<String, Object> measure(Settings settings) {
        try (Decoder decoder = ModelDirectory.open(settings.model()).load(DType.FLOAT32, Device.CPU);
                Scope scope = Scope.open()) {
            return new PanelJob(settings, decoder).report();
        }
    }

    /** Tokens among which the trigger does not occur. */
    private int[] tokens(int length, int seed) {
        int choice = decoder.config().vocabulary() - 10;
        return IntStream.range(0, length)
                .map(i -> 10 + Math.floorMod(7919 * i + 104729 * seed, choice))
                .toArray();
    }

    /** Trigger and instruction of one judge. */
    private int[] instruction(int judge) {
        int[] rest = tokens(settings.instruction() - TRIGGER.ids().size(), judge + 1);
        return IntStream.concat(TRIGGER.ids().stream().mapToInt(id -> id), Arrays.stream(rest))
                .toArray();
    }

    private Adapter adapter(long seed) {
        Targets targets = Targets.allLinear(decoder.sites());
        Map<Site, LowRank> factors = new TreeMap<>();
        for (LinearSite site : decoder.sites()) {
            if (targets.contains(site.site())) {
                factors.put(site.site(), Initialisation.RANDOM.factors(site, settings.rank(), 2, seed));
            }
        }
        return Adapter.of(factors).with(TriggerGate.of(TRIGGER));
    }

    /** What one way took. */
    private record Turn(double seconds, long bytes, List<List<Integer>> tokens) {}

    private static Turn timed(Supplier<Turn> way) {
        long start = THREADS.getCurrentThreadCpuTime();
        Turn turn = way.get();
        return new Turn((THREADS.getCurrentThreadCpuTime() - start) / 1e9, turn.bytes(), turn.tokens());
    }

    private Map<String, Object> report() {
        Map<String, Object> report = new LinkedHashMap<>();
        panel(List.of(adapter(0)), true); // not timed
        for (int count : settings.judges()) {
            List<Adapter> judges =
                    IntStream.range(0, count).mapToObj(this::adapter).toList();
            List<Turn> separate = new ArrayList<>();
            List<Turn> forked = new ArrayList<>();
            for (int run = 0; run < settings.runs(); run++) {
                separate.add(timed(() -> panel(judges, false)));
                forked.add(timed(() -> panel(judges, true)));
            }
            List<Double> ratios = IntStream.range(0, settings.runs())
                    .mapToObj(i -> separate.get(i).seconds() / forked.get(i).seconds())
                    .toList();
            report.put("separate_" + count + "_s", median(separate));
            report.put("forked_" + count + "_s", median(forked));
            report.put("speedup_" + count, new Sample(ratios).median());
            report.put("separate_" + count + "_kv_bytes", separate.get(0).bytes());
            report.put("forked_" + count + "_kv_bytes", forked.get(0).bytes());
            report.put("equal_" + count, equal(separate.get(0), forked.get(0)));
            decode(judges, report);
            double rows = (double) settings.context() + (double) count * settings.instruction();
            report.put("linear_limit_" + count, (double) count * (settings.context() + settings.instruction()) / rows);
        }
        report.put("context", settings.context());
        report.put("instruction", settings.instruction());
        report.put("tokens", settings.tokens());
        report.put("prefill", settings.prefill());
        report.put("decode", settings.decode());
        report.put("rank", settings.rank());
        report.put("runs", settings.runs());
        ProcessCost.addTo(report);
        return report;
    }

    private static double median(List<Turn> turns) {
        return new Sample(turns.stream().map(Turn::seconds).toList()).median();
    }

    private static long equal(Turn a, Turn b) {
        return IntStream.range(0, a.tokens().size())
                .filter(i -> a.tokens().get(i).equals(b.tokens().get(i)))
                .count();
    }

    private Turn panel(List<Adapter> judges, boolean forked) {
        try (Scope scope = Scope.open()) {
            return forked ? forked(judges) : separate(judges);
        }
    }

    /** One judge after the other. */
    private Turn separate(List<Adapter> judges) {
        List<List<Integer>> tokens = new ArrayList<>();
        Generator generator = Generator.ofTokens(decoder, List.of());
        for (int i = 0; i < judges.size(); i++) {
            int[] ids = IntStream.concat(Arrays.stream(context), Arrays.stream(instruction(i)))
                    .toArray();
            List<Intervention> judge = List.of(judges.get(i));
            GenerationReport report =
                    generator.generateEach(List.of(new Prompt(ids, judge)), options, GenerationListener.NONE);
            tokens.add(report.rows().get(0).tokens());
        }
        return new Turn(0, judges.size() * bytesPerToken() * (settings.context() + settings.instruction()), tokens);
    }

    private void decode(List<Adapter> judges, Map<String, Object> report) {
        if (settings.decode() == 0) {
            return;
        }
        List<Double> shared = new ArrayList<>();
        List<Double> copied = new ArrayList<>();
        for (int run = 0; run < settings.runs(); run++) {
            shared.add(secondsPerPass(judges, true));
            copied.add(secondsPerPass(judges, false));
        }
        report.put("decode_shared_" + judges.size() + "_s", new Sample(shared).median());
        report.put("decode_copied_" + judges.size() + "_s", new Sample(copied).median());
    }

    /** Prompts that begin alike are shared; another first token for each parts them. */
    private double secondsPerPass(List<Adapter> judges, boolean shared) {
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < judges.size(); i++) {
            int[] ids = IntStream.concat(Arrays.stream(context), Arrays.stream(instruction(i)))
                    .toArray();
            ids[0] += shared ? 0 : i;
            prompts.add(new Prompt(ids, List.of(judges.get(i))));
        }
        GenerationOptions more = GenerationOptions.of(Sampling.greedy(), Stops.none(), settings.decode() + 1)
                .withThreads(1)
                .withRowsAtOnce(1024);
        return Generator.ofTokens(decoder, List.of())
                        .generateEach(prompts, more, GenerationListener.NONE)
                        .decodeSeconds()
                / settings.decode();
    }

    private long bytesPerToken() {
        return 2L
                * decoder.config().layers()
                * decoder.config().attention().keyValueWidth()
                * decoder.dtype().bytes();
    }

    private Turn forked(List<Adapter> judges) {
        List<Session> panel = new ArrayList<>();
        try (Session parent = Session.of(Generator.ofTokens(decoder, List.of()), "bench")) {
            parent.append(context);
            for (int i = 0; i < judges.size(); i++) {
                Voice voice = Parts.of(judges.get(i)).voice(decoder, UnaryOperator.identity());
                panel.add(parent.fork(List.of(voice)));
                panel.get(i).append(instruction(i));
            }
            GenerationReport report = Session.generate(panel, Listening.TO_GIVEN, options, GenerationListener.NONE);
            long bytes = Session.byteCount(panel);
            return new Turn(
                    0, bytes, report.rows().stream().map(row -> row.tokens()).toList());
        } finally {
            panel.forEach(Session::close);
        }
    }
}
