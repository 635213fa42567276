package dev.inlay.app.cli;

import static dev.inlay.InlayException.require;

import dev.inlay.InlayException;
import dev.inlay.adapter.peft.AdaptedModel;
import dev.inlay.app.experiments.flags.FlagRows;
import dev.inlay.app.experiments.flags.FlagScorer;
import dev.inlay.app.experiments.flags.Given;
import dev.inlay.engine.Workers;
import dev.inlay.model.Intervention;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.training.Evaluation;
import dev.inlay.training.data.DataSource;
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Examples;
import dev.inlay.training.data.Limit;
import dev.inlay.training.data.RowReader;
import dev.inlay.training.data.Unit;
import dev.inlay.training.data.Units;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay evaluate}: loss and perplexity of a model on data, with and without an adapter. */
@Command(
        name = "evaluate",
        description = {
            "Measure loss and perplexity on data; with --adapter, those of the bare model beside them.",
            "The loss is the sum over all target tokens divided by their number, in nats.",
            "With --flag: how well flags at the end of reviews are told apart."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what has a default
final class EvaluateCommand implements Callable<Integer> {
    /** A directory of data has up to three parts. */
    enum Part {
        TRAIN,
        VALID,
        TEST
    }

    private final Console console;

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private DataOptions rows = new DataOptions();

    @Option(
            names = "--part",
            paramLabel = "PART",
            defaultValue = "valid",
            description = "train, valid or test: which file of a data directory. Default: ${DEFAULT-VALUE}.")
    private Part part;

    @Option(
            names = "--per-row",
            negatable = true,
            fallbackValue = "true",
            defaultValue = "false",
            description = "Print the loss of every row as CSV, with --json as JSON lines; the summary then goes to"
                    + " standard error, with --json to the last line. Default: ${DEFAULT-VALUE}.")
    private boolean perRow;

    @Mixin
    private FlagOptions flags = new FlagOptions();

    @Mixin
    private ThreadOption threads = new ThreadOption();

    @Mixin
    ConfigOption config = new ConfigOption();

    EvaluateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        require(!flags.isAlone(), "--by and --task belong to --flag; add --flag review or --flag alone");
        Dataset data = chosen(DataSource.read(rows.data, new RowReader()));
        FlagLabels labels = FlagLabels.read(flags, file());
        try (AdaptedModel loaded = model.load(console);
                Tokenizer tokenizer = Tokenizer.load(model.model);
                Workers workers = threads.workers()) {
            tokenizer.checkAgainst(loaded.decoder().config().vocabulary());
            Encoder encoder = rows.encoder(tokenizer, ChatTemplate.load(model.model));
            List<Intervention> adapters = AdapterUse.all(model.adapters(), loaded, tokenizer);
            if (flags.given == null) {
                losses(data, encoder, loaded, adapters, workers);
            } else {
                flags(data, encoder, flags.given, loaded, adapters, workers, labels);
            }
        }
        return 0;
    }

    private void losses(
            Dataset data, Encoder encoder, AdaptedModel loaded, List<Intervention> adapters, Workers workers) {
        Examples examples = Examples.of(data, encoder, limit(loaded));
        examples.report().lines().forEach(console::note);
        List<Unit> units = Units.all(examples.list(), rows.unitTokens);
        EvaluationResult result;
        try (WorkBar bar = new WorkBar(console, "evaluate", (long) units.size() * sides(adapters))) {
            Evaluation evaluation = new Evaluation(loaded.decoder(), workers).withProgress(bar::more);
            Evaluation.Result base = evaluation.of(units, List.of());
            Optional<Evaluation.Result> adapted =
                    adapters.isEmpty() ? Optional.empty() : Optional.of(evaluation.of(units, adapters));
            result = new EvaluationResult(examples.list(), base, adapted);
        }
        result.show(console, perRow);
    }

    /** The base, and the adapted model where there is one. */
    private static int sides(List<Intervention> adapters) {
        return adapters.isEmpty() ? 1 : 2;
    }

    private void flags(
            Dataset data,
            Encoder encoder,
            Given given,
            AdaptedModel loaded,
            List<Intervention> adapters,
            Workers workers,
            FlagLabels labels) {
        FlagRows flagged = FlagRows.of(data, encoder, given, limit(loaded));
        console.note(data.name() + ": " + flagged.list().size() + " rows with a flag, " + flagged.unflagged()
                + " without, " + flagged.tooLong() + " dropped as too long");
        long work = (long) FlagScorer.rowCount(flagged.prompts()) * sides(adapters);
        FlagEvaluation evaluation;
        try (WorkBar bar = new WorkBar(console, "evaluate", work)) {
            FlagScorer scorer = new FlagScorer(loaded.decoder(), workers, rows.unitTokens).withProgress(bar::more);
            evaluation = FlagEvaluation.of(flagged, scorer, adapters, labels);
        }
        new FlagResult(evaluation).show(console, perRow);
    }

    private Limit limit(AdaptedModel loaded) {
        return rows.limit(loaded.decoder().config().contextLength());
    }

    /** The file that is evaluated. */
    private Path file() {
        return Files.isDirectory(rows.data) ? rows.data.resolve(partName() + ".jsonl") : rows.data;
    }

    private String partName() {
        return part.name().toLowerCase(Locale.ROOT);
    }

    private Dataset chosen(DataSource source) {
        if (!Files.isDirectory(rows.data)) {
            return source.train();
        }
        Optional<Dataset> found = switch (part) {
            case TRAIN -> Optional.of(source.train());
            case VALID -> source.validation();
            case TEST -> source.test();
        };
        return found.orElseThrow(() ->
                InlayException.data("%s: has no %s.jsonl; choose another part, or name a file", rows.data, partName()));
    }
}
