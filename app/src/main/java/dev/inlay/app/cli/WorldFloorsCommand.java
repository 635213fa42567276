package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.app.experiments.world.Excess;
import dev.inlay.app.experiments.world.Split;
import dev.inlay.engine.Device;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.LossOn;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay world floors}: how far a model is above the entropy of the world's texts. */
@Command(
        name = "floors",
        description = "Compare a model's surprise by texts of the small world with their entropy, by register.")
@SuppressWarnings("NullAway.Init") // picocli sets what is required or has a default
final class WorldFloorsCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "Model directory (Hugging Face).")
    private Path model;

    @Option(names = "--world", required = true, paramLabel = "DIR", description = "What the command world wrote.")
    private Path world;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            defaultValue = "float32",
            description = "To compute in. Default: ${DEFAULT-VALUE}.")
    private String dtype;

    @Mixin
    private ThreadOption threads = new ThreadOption();

    WorldFloorsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        List<Split> splits = List.of(Split.TEST, Split.UNSEEN_NAMES, Split.UNSEEN_COMBINATIONS);
        ModelDirectory directory = ModelDirectory.open(model);
        List<Excess> measured;
        try (Tokenizer tokenizer = Tokenizer.load(model);
                Decoder decoder = directory.load(
                        ModelOptions.dtype(dtype).orElse(directory.storedType()), Device.CPU);
                Workers workers = threads.workers()) {
            tokenizer.checkAgainst(decoder.config().vocabulary());
            Optional<ChatTemplate> template = ChatTemplate.load(model);
            Encoder encoder = template.map(chat -> Encoder.chat(tokenizer, chat, LossOn.ALL))
                    .orElseGet(() -> Encoder.plain(tokenizer, LossOn.ALL));
            measured = Excess.of(world, splits, decoder, encoder, workers);
        }
        show(measured);
        return 0;
    }

    private void show(List<Excess> measured) {
        console.result("Nats per text: the texts' own entropy, the model's loss, and by how much it is above");
        console.result(String.format(
                Locale.ROOT,
                "  %-20s %-12s %7s %10s %10s %18s %8s",
                "split",
                "register",
                "texts",
                "floor",
                "model",
                "above",
                "share"));
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        for (Excess each : measured) {
            console.result(String.format(
                    Locale.ROOT,
                    "  %-20s %-12s %,7d %10.3f %10.3f %9.3f +- %5.3f %7.2f%%",
                    each.split(),
                    each.register(),
                    each.rows(),
                    each.floor(),
                    each.model(),
                    each.model() - each.floor(),
                    each.error(),
                    100 * each.share()));
            object.withArray("registers")
                    .addObject()
                    .put("split", each.split().toString())
                    .put("register", each.register().toString())
                    .put("texts", each.rows())
                    .put("floor", each.floor())
                    .put("model", each.model())
                    .put("error", each.error())
                    .put("share", each.share());
        }
        console.result(object);
    }
}
