package dev.inlay.app.cli;

import static dev.inlay.InlayException.require;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.gate.TriggerText;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.app.experiments.mask.Knockout;
import dev.inlay.app.experiments.mask.LayerShares;
import dev.inlay.app.experiments.mask.TermExperiment;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.training.data.DataSource;
import dev.inlay.training.data.Dataset;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.Examples;
import dev.inlay.training.data.RowReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay mask-terms}: what an adapter needs of its changes where it reads a prefix. */
@Command(
        name = "mask-terms",
        description = {
            "Take changes away from an adapter that acts on all tokens, where what follows a trigger reads what precedes"
                    + " it, and measure the loss: of the products q.dk, dq.k and dq.dk, and of the values, which does it"
                    + " need?"
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required or has a default
final class MaskTermsCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory.")
    private Path model;

    @Option(
            names = "--adapter",
            required = true,
            paramLabel = "DIR",
            description = "Adapter or run directory; trained without a gate.")
    private Path adapter;

    @Mixin
    private DataOptions data = new DataOptions();

    @Mixin
    private GateOptions gate = new GateOptions();

    @Option(
            names = "--looked-at",
            paramLabel = "N",
            defaultValue = "16",
            description = "Rows of which the changes are measured layer by layer. Default: ${DEFAULT-VALUE}.")
    private int lookedAt;

    @Mixin
    private ThreadOption threads = new ThreadOption();

    MaskTermsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        require(!gate.isOpen(), "--gate says where prefixes end, for example --gate trigger:TEXT; name one");
        require(lookedAt >= 1, "--looked-at must be at least 1, was %d", lookedAt);
        Path place = AdapterPlace.of(adapter);
        ModelDirectory directory = ModelDirectory.open(model);
        Dataset rows = DataSource.read(data.data, new RowReader()).train();
        try (Scope scope = Scope.open();
                Tokenizer tokenizer = Tokenizer.load(model);
                Workers workers = threads.workers()) {
            Parts parts =
                    PeftDirectory.read(place, BaseModel.of(directory), Set.of()).parts();
            parts.list().forEach(part -> TriggerText.require(part.gate(), tokenizer, place.toString()));
            List<Example> examples = Examples.of(
                            rows,
                            data.encoder(tokenizer, ChatTemplate.load(model)),
                            data.limit(directory.config().contextLength()))
                    .list();
            try (Decoder decoder = directory.load(Device.CPU)) {
                measure(new TermExperiment(decoder, parts, gate.gate(tokenizer), workers), examples);
            }
        }
        return 0;
    }

    private void measure(TermExperiment experiment, List<Example> examples) {
        List<LayerShares> shares = experiment.shares(examples.subList(0, Math.min(lookedAt, examples.size())));
        TermExperiment.Losses losses;
        try (WorkBar bar = new WorkBar(console, "mask-terms", TermExperiment.evaluations())) {
            losses = experiment.losses(examples, data.unitTokens, bar::accept);
        }
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        show(shares, object);
        show(losses, object);
        console.result(object);
    }

    private void show(List<LayerShares> shares, ObjectNode object) {
        console.result(
                "Size of the changes over the base's own vectors; direct: by the map's own change, indirect: by its"
                        + " input");
        console.result(String.format(
                Locale.ROOT, "  %5s %17s %17s %17s", "layer", "dq direct, ind.", "dk direct, ind.", "dv direct, ind."));
        for (LayerShares each : shares) {
            console.result(String.format(
                    Locale.ROOT,
                    "  %5d %8.3f %8.3f %8.3f %8.3f %8.3f %8.3f",
                    each.layer(),
                    each.queries().direct(),
                    each.queries().indirect(),
                    each.keys().direct(),
                    each.keys().indirect(),
                    each.values().direct(),
                    each.values().indirect()));
            ObjectNode row = object.withArray("layers").addObject();
            row.put("layer", each.layer());
            put(row, "dq", each.queries());
            put(row, "dk", each.keys());
            put(row, "dv", each.values());
        }
    }

    private static void put(ObjectNode row, String name, LayerShares.Pair pair) {
        row.put(name + "_direct", pair.direct());
        row.put(name + "_indirect", pair.indirect());
    }

    private void show(TermExperiment.Losses losses, ObjectNode object) {
        console.result("Loss in nats for each target, and the share of what the adapter gained that is lost without");
        console.result(String.format(Locale.ROOT, "  %-18s %9.4f", "base", losses.base()));
        console.result(String.format(Locale.ROOT, "  %-18s %9.4f", "adapter", losses.whole()));
        object.put("base", losses.base());
        object.put("adapter", losses.whole());
        double gained = losses.base() - losses.whole();
        for (int i = 0; i < Knockout.ALL.size(); i++) {
            double loss = losses.without().get(i);
            String name = Knockout.ALL.get(i).name();
            boolean mask = i == Knockout.ALL.size() - 1;
            console.result(String.format(
                    Locale.ROOT,
                    "  %-18s %9.4f %8.1f %%%s",
                    name,
                    loss,
                    100 * (loss - losses.whole()) / gained,
                    mask ? "  (the adapter behind a mask)" : ""));
            object.withObject("/without").put(name, loss);
        }
    }
}
