package dev.inlay.app.cli;

import dev.inlay.InlayException;
import dev.inlay.adapter.peft.AdaptedModel;
import dev.inlay.engine.Workers;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.training.Evaluation;
import dev.inlay.training.data.DataSource;
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Examples;
import dev.inlay.training.data.RowReader;
import dev.inlay.training.data.Unit;
import dev.inlay.training.data.Units;
import java.nio.file.Files;
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
            "The loss is the sum over all target tokens divided by their number, in nats."
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
    private ThreadOption threads = new ThreadOption();

    @Mixin
    ConfigOption config = new ConfigOption();

    EvaluateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Dataset data = chosen(DataSource.read(rows.data, new RowReader()));
        try (AdaptedModel loaded = model.load(console);
                Tokenizer tokenizer = Tokenizer.load(model.model);
                Workers workers = threads.workers()) {
            int context = loaded.decoder().config().contextLength();
            tokenizer.checkAgainst(loaded.decoder().config().vocabulary());
            Examples examples =
                    Examples.of(data, rows.encoder(tokenizer, ChatTemplate.load(model.model)), rows.limit(context));
            examples.report().lines().forEach(console::note);
            List<Unit> units = Units.all(examples.list(), rows.unitTokens);
            Evaluation evaluation = new Evaluation(loaded.decoder(), workers);
            Evaluation.Result base = evaluation.of(units, List.of());
            Optional<Evaluation.Result> adapted =
                    loaded.isAdapted() ? Optional.of(evaluation.of(units, loaded.interventions())) : Optional.empty();
            new EvaluationResult(examples.list(), base, adapted).show(console, perRow);
        }
        return 0;
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
        return found.orElseThrow(() -> InlayException.data(
                "%s: has no %s.jsonl; choose another part, or name a file",
                rows.data, part.name().toLowerCase(Locale.ROOT)));
    }
}
