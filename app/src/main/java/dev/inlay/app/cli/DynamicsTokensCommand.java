package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.Part;
import dev.inlay.adapter.peft.AdaptedModel;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.LoadedAdapter;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.app.experiments.layers.LayerRun;
import dev.inlay.app.experiments.layers.Subject;
import dev.inlay.app.experiments.layers.Text;
import dev.inlay.engine.Scope;
import dev.inlay.model.files.RegularFile;
import dev.inlay.model.files.StrictUtf8;
import dev.inlay.model.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay dynamics tokens}: clusters in a real model. */
@Command(
        name = "tokens",
        description = {
            "Measure what a model does to the tokens of a text, layer by layer, without and with an adapter: cosines, ranks,",
            "clusters, energy; and the spectra of its attention weights. Controls are always measured beside it: shuffled",
            "tokens, one repeated token, random weights, centred states."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required
final class DynamicsTokensCommand implements Callable<Integer> {
    private static final int USUAL_TOKENS = 256;
    private static final int MOST_REPEATS = 64;

    private final Console console;

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The run directory to write.")
    private Path out;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            description = "Text to read, UTF-8. Default: a short story that comes with Inlay.")
    private @Nullable Path text;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            description = "Read so many tokens of the text, from its beginning. Default: 256, or the model's context.")
    private @Nullable Integer tokens;

    @Option(
            names = "--repeat",
            paramLabel = "K",
            defaultValue = "1",
            description = "Run the stack of layers so often, each time on what it left. Default: ${DEFAULT-VALUE}.")
    private int repeat;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Of controls and resamples. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    ConfigOption config = new ConfigOption();

    DynamicsTokensCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        InlayException.require(
                repeat >= 1 && repeat <= MOST_REPEATS, "--repeat must be from 1 to %d, was %d", MOST_REPEATS, repeat);
        RunName.requireFree(out);
        try (AdaptedModel loaded = model.load(console);
                Tokenizer tokenizer = Tokenizer.load(model.model);
                Scope scope = Scope.open()) {
            tokenizer.checkAgainst(loaded.decoder().config().vocabulary());
            Text read = text(loaded, tokenizer);
            Subject subject = new Subject(
                    loaded, AdapterUse.all(model.adapters(), loaded), parts(loaded), read, repeat, seed, names());
            List<String> lines;
            try (WorkBar bar = new WorkBar(console, "tokens", subject.steps())) {
                lines = LayerRun.write(out, subject, bar);
            }
            lines.forEach(console::result);
            console.result("wrote " + out + "; look at " + out.resolve("report.html"));
            ObjectNode object = DynamicsCommand.result(out);
            lines.forEach(object.withArray("findings")::add);
            console.result(object);
        }
        return 0;
    }

    private Text text(AdaptedModel loaded, Tokenizer tokenizer) {
        int context = loaded.decoder().config().contextLength();
        InlayException.require(
                tokens == null || tokens <= context,
                "--tokens is %d, the model's context holds %d; ask for fewer",
                tokens,
                context);
        int most = tokens == null ? Math.min(USUAL_TOKENS, context) : tokens;
        String name = text == null ? "the story that comes with Inlay" : text.toString();
        Text read = Text.of(
                name,
                text == null ? Text.USUAL : StrictUtf8.decode(RegularFile.read(text, Tokenizer.LONGEST_TEXT), name),
                tokenizer,
                most);
        if (read.whole() > most) {
            console.note(name + ": reads the first " + most + " of " + read.whole() + " tokens");
        }
        return read;
    }

    /** The adapters as changes of weights; they were checked before. */
    private List<Part> parts(AdaptedModel loaded) {
        List<Part> parts = new ArrayList<>();
        for (AdapterUse use : model.adapters()) {
            LoadedAdapter adapter =
                    PeftDirectory.read(use.place(), BaseModel.of(loaded.directory()), model.allow.set());
            if (use.weight() == 1) {
                parts.addAll(adapter.parts().list());
            } else {
                parts.add(adapter.adapter().times(use.weight()));
            }
        }
        return parts;
    }

    private Map<String, Object> names() {
        Map<String, Object> names = new TreeMap<>();
        names.put("model", model.model.toString());
        names.put(
                "adapters",
                model.adapters().stream()
                        .map(use -> use.place() + (use.weight() == 1 ? "" : " x " + use.weight()))
                        .toList());
        return names;
    }
}
