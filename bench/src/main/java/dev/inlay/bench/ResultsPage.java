package dev.inlay.bench;

import dev.inlay.engine.DType;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The results as a page in Markdown. */
final class ResultsPage {
    /** Names of what is not a job of both sides, in the raw numbers. */
    static final String CEILING = "ceiling";

    static final String START_UP = "start-up";

    /** How many of the first tokens both sides generated alike. */
    static final String EQUAL_TOKENS = "equal_tokens";

    private static final String RATE = "tokens_per_s";
    private static final String PEAK = "peak_rss_bytes";

    private final Results results;
    private final List<Integer> threads;

    /** @param threads the numbers of threads compared */
    ResultsPage(Results results, List<Integer> threads) {
        this.results = results;
        this.threads = List.copyOf(threads);
    }

    String render(Map<String, String> machine, String repeat) {
        StringBuilder page = new StringBuilder("# Results\n\n");
        page.append("Written by `dev.inlay.bench.Comparison`; what the columns mean is in [README.md](README.md), the")
                .append(" raw numbers are in [results.csv](results.csv). Medians; in brackets the least and the")
                .append(" greatest. A ratio is ours over theirs, of runs next to each other.\n\n");
        Table description = new Table("what", "which");
        machine.forEach(description::row);
        page.append(description.render());
        section(page, "What the machine can do", ceilings());
        section(page, "Training, tokens per second", training(Case.Kind.TRAINING, "base", 4));
        section(
                page,
                "Training all weights of a small model, tokens per second",
                training(Case.Kind.PRETRAINING, "computed in", 6));
        section(page, "Training beside a busy neighbour", neighbour());
        section(page, "Generation of one sequence, tokens per second", generation());
        section(page, "Memory and processor time of the whole process", cost());
        startUp().ifPresent(table -> section(page, "Start to end of a command", table));
        section(page, "That both sides did the same job", sameness());
        appendFailures(page);
        return page.append("\n## Again\n\n    ").append(repeat).append('\n').toString();
    }

    private static void section(StringBuilder page, String title, Table table) {
        page.append("\n## ").append(title).append("\n\n").append(table.render());
    }

    private Table ceilings() {
        Table table = new Table("threads", "float32 GFLOP/s", "bfloat16 GFLOP/s", "reading GB/s");
        for (int count : threads) {
            table.row(
                    String.valueOf(count),
                    giga(gemm(DType.FLOAT32, count)),
                    giga(gemm(DType.BFLOAT16, count)),
                    giga(ceiling("read_" + count)));
        }
        return table;
    }

    /** @param operations for each weight and token */
    private Table training(Case.Kind kind, String type, int operations) {
        String share = "of the GEMM rate at " + operations + "N: ours";
        Table table = new Table(type, "threads", "ours", "theirs", "ratio", share, "theirs", "of the mix: ours");
        for (Case job : cases(kind, false)) {
            Optional<Sample> gemm = gemm(job.dtype(), job.threads());
            // The mix is that of the larger model.
            Optional<Sample> mix = kind == Case.Kind.TRAINING
                    ? ceiling("mix_" + job.dtypeName() + "_" + job.threads())
                    : Optional.empty();
            table.row(
                    job.dtypeName(),
                    String.valueOf(job.threads()),
                    spread(job, Side.OURS, RATE),
                    spread(job, Side.THEIRS, RATE),
                    ratio(job),
                    Table.share(of(job, Side.OURS, "flop_per_s"), gemm),
                    Table.share(theirFlop(job, operations), gemm),
                    Table.share(of(job, Side.OURS, "flop_per_s"), mix));
        }
        return table;
    }

    /** Their rate of floating-point work, counted as ours. */
    private Optional<Sample> theirFlop(Case job, int operations) {
        Optional<Sample> parameters = of(job, Side.OURS, "matrix_parameters");
        return parameters.flatMap(n -> of(job, Side.THEIRS, RATE)
                .map(rate -> new Sample(rate.values().stream()
                        .map(value -> operations * n.median() * value)
                        .toList())));
    }

    private Table neighbour() {
        Table table =
                new Table("base", "threads", "ours", "of our quiet rate", "theirs", "of their quiet rate", "ratio");
        for (Case job : cases(Case.Kind.TRAINING, true)) {
            table.row(
                    job.dtypeName(),
                    String.valueOf(job.threads()),
                    spread(job, Side.OURS, RATE),
                    Table.share(of(job, Side.OURS, RATE), of(job.quiet(), Side.OURS, RATE)),
                    spread(job, Side.THEIRS, RATE),
                    Table.share(of(job, Side.THEIRS, RATE), of(job.quiet(), Side.THEIRS, RATE)),
                    ratio(job));
        }
        return table;
    }

    private Table generation() {
        Table table = new Table(
                "base",
                "threads",
                "ours",
                "theirs",
                "ratio",
                "first token, ms: ours",
                "theirs",
                "of reading: ours",
                "theirs");
        for (Case job : cases(Case.Kind.GENERATION, false)) {
            Optional<Sample> reading = ceiling("read_" + job.threads());
            table.row(
                    job.dtypeName(),
                    String.valueOf(job.threads()),
                    spread(job, Side.OURS, RATE),
                    spread(job, Side.THEIRS, RATE),
                    ratio(job),
                    Table.median(of(job, Side.OURS, "first_token_s"), Table::milliseconds),
                    Table.median(of(job, Side.THEIRS, "first_token_s"), Table::milliseconds),
                    Table.share(of(job, Side.OURS, "read_bytes_per_s"), reading),
                    Table.share(theirReading(job), reading));
        }
        return table;
    }

    /** Bytes of weights that they read per second, counted as ours: every matrix once per token after the first. */
    private Optional<Sample> theirReading(Case job) {
        Optional<Sample> bytes = of(job, Side.OURS, "weight_bytes");
        return bytes.flatMap(b -> of(job, Side.THEIRS, "decode_tokens_per_s")
                .map(rate -> new Sample(
                        rate.values().stream().map(value -> b.median() * value).toList())));
    }

    private Table cost() {
        Table table = new Table("job", "peak memory, MB: ours", "theirs", "processor seconds: ours", "theirs");
        for (Case job : Case.all(threads)) {
            table.row(
                    job.toString(),
                    Table.median(of(job, Side.OURS, PEAK), Table::megabytes),
                    Table.median(of(job, Side.THEIRS, PEAK), Table::megabytes),
                    Table.median(of(job, Side.OURS, "cpu_seconds"), Table::rate),
                    Table.median(of(job, Side.THEIRS, "cpu_seconds"), Table::rate));
        }
        return table;
    }

    private Optional<Table> startUp() {
        Optional<Sample> help = results.sample(START_UP, Side.OURS, "help_s");
        return help.map(h -> new Table("command", "ms, median", "ms, slowest")
                .row("`./inlay --help`", started("help_s"), started("slowest_help_s"))
                .row("`./inlay generate`, 100 tokens", started("generate_s"), started("slowest_generate_s")));
    }

    private String started(String quantity) {
        return Table.median(results.sample(START_UP, Side.OURS, quantity), Table::milliseconds);
    }

    private Table sameness() {
        Table table = new Table("job", "ours", "theirs");
        for (Case.Kind kind : List.of(Case.Kind.TRAINING, Case.Kind.PRETRAINING)) {
            for (Case job : cases(kind, false)) {
                table.row(
                        job + ": first loss",
                        Table.median(of(job, Side.OURS, "first_loss"), ResultsPage::loss),
                        Table.median(of(job, Side.THEIRS, "first_loss"), ResultsPage::loss));
            }
        }
        for (Case job : cases(Case.Kind.GENERATION, false)) {
            String equal = Table.median(of(job, Side.OURS, EQUAL_TOKENS), value -> String.valueOf((long) value));
            table.row(job + ": first tokens equal", equal, equal);
        }
        return table;
    }

    private void appendFailures(StringBuilder page) {
        if (!results.failures().isEmpty()) {
            page.append("\n## Runs that failed\n\n");
            results.failures().forEach(line -> page.append("- ").append(line).append('\n'));
        }
    }

    private List<Case> cases(Case.Kind kind, boolean neighbour) {
        return Case.all(threads).stream()
                .filter(job -> job.kind() == kind && job.neighbour() == neighbour)
                .toList();
    }

    private Optional<Sample> of(Case job, Side side, String quantity) {
        return results.sample(job.toString(), side, quantity);
    }

    private String spread(Case job, Side side, String quantity) {
        return Table.spread(of(job, side, quantity), Table::rate);
    }

    private String ratio(Case job) {
        return Table.spread(results.ratios(job.toString(), RATE), Table::ratio);
    }

    private Optional<Sample> gemm(DType type, int count) {
        return ceiling("gemm_" + type.name().toLowerCase(Locale.ROOT) + "_" + count);
    }

    /** The highest of all rounds: a disturbed measurement is no ceiling. */
    private Optional<Sample> ceiling(String quantity) {
        return results.sample(CEILING, Side.MACHINE, quantity)
                .map(sample -> new Sample(Collections.singletonList(sample.max())));
    }

    private static String giga(Optional<Sample> sample) {
        return Table.median(sample, Table::giga);
    }

    private static String loss(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
