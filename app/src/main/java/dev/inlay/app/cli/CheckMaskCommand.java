package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.gate.TriggerText;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.app.report.Description.Sample;
import dev.inlay.app.report.MaskPage;
import dev.inlay.model.Gate;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Segments;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.training.GateReport;
import dev.inlay.training.data.DataSource;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.ExampleView;
import dev.inlay.training.data.Examples;
import dev.inlay.training.data.RowReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay check-mask}: what an adapter acts on and what is learned, token by token, before anything is trained. */
@Command(
        name = "check-mask",
        description = {
            "Show rows as the model reads them: where the adapter acts (gate) and what is learned (loss).",
            "Every token sees itself and what stands before it in its row, whatever gate and loss say."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required or has a default
final class CheckMaskCommand implements Callable<Integer> {
    private static final int SHOWN_TOKENS = 400;

    private final Console console;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory (Hugging Face).")
    private Path model;

    @Mixin
    private DataOptions data = new DataOptions();

    @Mixin
    private GateOptions gate = new GateOptions();

    @Option(
            names = "--adapter",
            paramLabel = "DIR",
            description = "Take the gate of this adapter, or of the adapter of this run.")
    private @Nullable Path adapter;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "3",
            description = "How many rows are shown; all are checked. Default: ${DEFAULT-VALUE}.")
    private int rows;

    @Option(names = "--html", paramLabel = "FILE", description = "Write the rows as a page, too.")
    private @Nullable Path html;

    @Mixin
    ConfigOption config = new ConfigOption();

    CheckMaskCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        InlayException.require(rows >= 0, "--rows must be at least 0, was %d", rows);
        int context = ModelDirectory.open(model).config().contextLength();
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            Examples examples = Examples.of(
                    DataSource.read(data.data, new RowReader()).train(),
                    data.encoder(tokenizer, ChatTemplate.load(model)),
                    data.limit(context));
            Gate rule = rule(tokenizer);
            GateReport report = GateReport.of(rule, examples.list());
            List<Shown> shown = shown(examples.list(), rule);
            show(rule, report, shown, tokenizer);
            if (html != null) {
                MaskPage.write(
                        html,
                        rule.toString(),
                        shown.stream()
                                .map(each -> Sample.of(each.example(), each.segments(), tokenizer))
                                .toList());
                console.note("wrote " + html);
            }
            console.result(json(report));
            report.requireOpen(data.data.toString(), rule);
        }
        return 0;
    }

    /** @param segments of the row; closed where the gate refuses it */
    private record Shown(Example example, Segments segments) {}

    private Gate rule(Tokenizer tokenizer) {
        if (adapter == null) {
            return gate.gate(tokenizer);
        }
        InlayException.require(gate.isOpen(), "--gate and --adapter both say which gate; give one of them");
        Path place = AdapterPlace.of(adapter);
        Gate stored = PeftDirectory.config(place, Set.of()).beside().gate();
        TriggerText.require(stored, tokenizer, place.toString());
        return stored;
    }

    /** Refused rows first: they are what is looked for. */
    private List<Shown> shown(List<Example> examples, Gate rule) {
        List<Shown> refused = new ArrayList<>();
        List<Shown> decided = new ArrayList<>();
        for (Example example : examples) {
            try {
                Segments segments = rule.over(example.reading());
                if (decided.size() < rows) {
                    decided.add(new Shown(example, segments));
                }
            } catch (InlayException e) {
                refused.add(new Shown(example, Segments.CLOSED));
            }
            if (refused.size() == rows) {
                break;
            }
        }
        refused.addAll(decided);
        return refused.subList(0, Math.min(rows, refused.size()));
    }

    private void show(Gate rule, GateReport report, List<Shown> shown, Tokenizer tokenizer) {
        ExampleView view =
                console.isColoured() ? ExampleView.colours(SHOWN_TOKENS) : ExampleView.brackets(SHOWN_TOKENS);
        console.result("Gate: " + rule);
        if (report.starts().length > 0) {
            report.lines().forEach(line -> console.result("  " + line));
        }
        report.warnings().forEach(console::warn);
        if (!shown.isEmpty()) {
            console.result(view.legend(rule.equals(Gate.OPEN) ? Segments.OPEN : Segments.CLOSED));
        }
        for (Shown each : shown) {
            console.result(String.format(
                    Locale.ROOT,
                    "line %d: %,d tokens, %,d learned, gate %s",
                    each.example().line(),
                    each.example().length(),
                    each.example().targets(),
                    each.segments()));
            view.of(each.example(), each.segments(), tokenizer).lines().forEach(line -> console.result("  " + line));
        }
    }

    private static ObjectNode json(GateReport report) {
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("rows", report.rows());
        object.put("open_rows", report.starts().length);
        object.put("closed_rows", report.closed());
        report.missing().forEach(object.putArray("refused_lines")::add);
        object.put("tokens", report.tokens());
        object.put("tokens_before", report.beginnings());
        object.put("targets_before", report.early());
        return object;
    }
}
