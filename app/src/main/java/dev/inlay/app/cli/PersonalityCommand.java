package dev.inlay.app.cli;

import static dev.inlay.InlayException.require;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.app.experiments.personality.Layout;
import dev.inlay.app.experiments.personality.Opening;
import dev.inlay.app.experiments.personality.PersonalityEncoder;
import dev.inlay.app.experiments.personality.SampleFilter;
import dev.inlay.app.experiments.personality.SampleForm;
import dev.inlay.app.experiments.personality.SampleReader;
import dev.inlay.app.experiments.personality.SampleRows;
import dev.inlay.app.experiments.personality.Samples;
import dev.inlay.app.experiments.personality.TaskSplit;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay personality}: makes rows of the published data of Split Personality Training. */
@Command(
        name = "personality",
        description = {
            "Make rows to train and evaluate on of the published data of Split Personality Training: an answer, a question",
            "about it, and a review that ends in FLAG: PASS or FLAG: FAIL. Filtered as published; says what is left out."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required or has a default
final class PersonalityCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--data",
            required = true,
            paramLabel = "PATH",
            description = "A batch (.json), records (.jsonl), or a directory of them.")
    private Path data;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The directory to write.")
    private Path out;

    @Option(
            names = "--answers-of",
            split = ",",
            paramLabel = "NAME",
            description = "Models as the data name them, such as google/gemma-3-12b-it: review their answers alone."
                    + " Default: those of all models.")
    private Set<String> models = Set.of();

    @Option(
            names = "--layout",
            paramLabel = "NAME",
            description = "hp, up or ur: rows of ids in this published layout, for --gate stated. Needs --model and"
                    + " --token. Default: rows of messages, in the layout ur without the token.")
    private @Nullable String layout;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "With --layout: the model whose tokenizer and chat template write the rows.")
    private @Nullable Path model;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description = "With --layout: an unused control token of the model; it calls the second personality.")
    private @Nullable String token;

    @Option(
            names = "--open",
            paramLabel = "WHERE",
            defaultValue = "part",
            description = "With --layout: where the adapter acts. part: on the whole part of the second personality;"
                    + " targets: where a target is predicted, as in the published training. Default: ${DEFAULT-VALUE}.")
    private String open;

    @Option(
            names = "--held-out",
            paramLabel = "SHARE",
            defaultValue = "0.1",
            description = "Share of the tasks that are held out; all rows of a task are on one side."
                    + " Default: ${DEFAULT-VALUE}.")
    private double heldOut;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    ConfigOption config = new ConfigOption();

    PersonalityCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        TaskSplit split = new TaskSplit(heldOut, seed);
        Opening opening = Opening.named(open);
        if (layout == null) {
            require(
                    model == null && token == null,
                    "--model and --token belong to --layout; name one, or leave them out");
            return write(split, SampleForm.CHAT, Map.of());
        }
        Layout chosen = Layout.named(layout);
        if (model == null || token == null) {
            throw InlayException.usage("--layout %s needs --model and --token", chosen);
        }
        Path directory = model;
        String name = token;
        try (Tokenizer tokenizer = Tokenizer.load(directory)) {
            ChatTemplate template = ChatTemplate.load(directory)
                    .orElseThrow(() -> InlayException.data("%s has no chat template; the layouts need one", directory));
            int id = tokenizer
                    .id(name)
                    .orElseThrow(
                            () -> InlayException.usage("--token is %s, and %s has no such token", name, directory));
            return write(
                    split,
                    SampleForm.tokens(new PersonalityEncoder(tokenizer, template, chosen, id), opening),
                    Map.of("layout", chosen.toString(), "model", directory.toString(), "token", name, "open", open));
        }
    }

    private int write(TaskSplit split, SampleForm form, Map<String, Object> own) {
        Samples samples = SampleReader.read(data).keep(SampleFilter.PUBLISHED.answersOf(models));
        samples.lines().forEach(console::note);
        Map<String, Object> settings = new TreeMap<>(own);
        settings.put("data", data.toString());
        settings.put("answers-of", List.copyOf(new TreeSet<>(models)));
        settings.put("held-out", heldOut);
        settings.put("seed", seed);
        TaskSplit.Sides sides = SampleRows.write(out, samples, split, form, settings);
        console.result(
                "train " + sides.train().size() + " rows, valid " + sides.held().size());
        console.result("wrote " + out);
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("directory", out.toString());
        object.put("train", sides.train().size());
        object.put("valid", sides.held().size());
        ObjectNode dropped = object.putObject("left_out");
        samples.dropped().forEach(dropped::put);
        console.result(object);
        return 0;
    }
}
