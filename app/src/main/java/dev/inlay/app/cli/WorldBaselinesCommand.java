package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.app.experiments.Accuracy;
import dev.inlay.app.experiments.world.Baselines;
import dev.inlay.app.experiments.world.Probes;
import dev.inlay.engine.Device;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.LossOn;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay world baselines}: how much words, or a model's hidden states, tell about the labels of the world. */
@Command(
        name = "baselines",
        description = {
            "Measure how much a bag of words tells about topic, sentiment and hidden key of the world's texts, and with"
                    + " --model how much a linear probe on its hidden states tells."
        })
final class WorldBaselinesCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--texts",
            paramLabel = "N",
            defaultValue = "2000",
            description = "Texts to learn from, and as many others to try. Default: ${DEFAULT-VALUE}.")
    private int texts;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "A model of the world with a chat template, to probe. Default: words only.")
    private @Nullable Path model;

    @Mixin
    private ThreadOption threads = new ThreadOption();

    WorldBaselinesCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        InlayException.require(texts >= 10, "--texts must be at least 10, was %d", texts);
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        console.result("Share of labels found in new texts: five seeds, 95 % interval");
        words(object);
        if (model != null) {
            probes(model, object);
        }
        console.result(object);
        return 0;
    }

    private void words(ObjectNode object) {
        console.result(String.format(
                Locale.ROOT, "  %-14s %8s %18s %14s", "label", "classes", "bag of words", "most frequent"));
        for (Baselines.Result each : Baselines.measure(texts)) {
            console.result(String.format(
                    Locale.ROOT,
                    "  %-14s %8d %18s %14.3f",
                    each.label(),
                    each.classes(),
                    words(each.accuracy()),
                    each.most()));
            object.putObject(each.label())
                    .put("classes", each.classes())
                    .put("accuracy", each.accuracy().mean())
                    .put("interval", each.accuracy().interval())
                    .put("most_frequent", each.most());
        }
    }

    private void probes(Path directory, ObjectNode object) {
        console.result(String.format(
                Locale.ROOT, "  %-14s %18s  %s", "label", "linear probe", "chosen for each seed, by other texts"));
        for (Probes.Result each : measure(directory)) {
            console.result(String.format(
                    Locale.ROOT,
                    "  %-14s %18s  %s",
                    each.label(),
                    words(each.accuracy()),
                    String.join(", ", each.places())));
            ObjectNode probe = object.withObject("/" + each.label() + "/probe");
            probe.put("accuracy", each.accuracy().mean());
            probe.put("interval", each.accuracy().interval());
            each.places().forEach(probe.putArray("places")::add);
        }
    }

    private List<Probes.Result> measure(Path directory) {
        ChatTemplate template = ChatTemplate.load(directory)
                .orElseThrow(() -> InlayException.data(
                        "%s: has no chat template, which the world's chats need; name another model", directory));
        try (Decoder decoder = Decoder.load(directory, Device.CPU);
                Tokenizer tokenizer = Tokenizer.load(directory);
                Workers workers = threads.workers()) {
            return new Probes(decoder, Encoder.chat(tokenizer, template, LossOn.ALL), workers).measure(texts);
        }
    }

    private static String words(Accuracy accuracy) {
        return String.format(Locale.ROOT, "%.3f +- %.3f", accuracy.mean(), accuracy.interval());
    }
}
