package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.app.experiments.mask.Arm;
import dev.inlay.app.experiments.mask.KeyExperiment;
import dev.inlay.app.experiments.mask.KeyOptions;
import dev.inlay.app.experiments.mask.KeyResult;
import dev.inlay.app.experiments.world.KeyChats.Answer;
import dev.inlay.app.experiments.world.Register;
import dev.inlay.engine.DType;
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
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code inlay mask-keys}: what a mask costs an adapter that must know what the prefix says, hides or implies. */
@Command(
        name = "mask-keys",
        description = {
            "Train adapters with and without mask, or in between, to flag chats with a hidden key, and compare them.",
            "Learning rate tuned for each arm, several seeds, 95 %% intervals."
        })
@SuppressWarnings("NullAway.Init") // picocli sets what is required or has a default
final class MaskKeysCommand implements Callable<Integer> {
    private static final String TRIGGER = "<|trigger|>";

    private final Console console;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "A model of the small world.")
    private Path model;

    @Option(
            names = "--register",
            split = ",",
            paramLabel = "NAME",
            defaultValue = "key-read,key-computed,key-hidden",
            description = "Registers with a key. Default: ${DEFAULT-VALUE}.")
    private List<String> registers;

    @Option(
            names = "--arms",
            split = ",",
            paramLabel = "NAME",
            defaultValue = "mask,no-mask",
            description = {
                "How adapters meet what comes before the trigger; docs/guide/masks.md lists all. Default: ${DEFAULT-VALUE}."
            })
    private List<String> arms;

    @Option(
            names = "--answers",
            split = ",",
            paramLabel = "NAME",
            defaultValue = "flag,review",
            description = {
                "What is learned of each chat: flag (the verdict alone), review (the review, then the verdict), or both.",
                "The verdict alone is what is judged. Default: ${DEFAULT-VALUE}."
            })
    private List<String> answers;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "1000",
            description = "Chats to train on. Default: ${DEFAULT-VALUE}.")
    private int rows;

    @Option(
            names = "--held-out",
            paramLabel = "N",
            defaultValue = "500",
            description = "Chats to choose the rate by, and to report on. Default: ${DEFAULT-VALUE}.")
    private int heldOut;

    @Option(names = "--epochs", paramLabel = "N", defaultValue = "4", description = "Default: ${DEFAULT-VALUE}.")
    private int epochs;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "16",
            description = "Answers of a step. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(names = "--rank", paramLabel = "R", defaultValue = "16", description = "Default: ${DEFAULT-VALUE}.")
    private int rank;

    @Option(
            names = "--rates",
            split = ",",
            paramLabel = "R",
            defaultValue = "1e-3,3e-3,1e-2",
            description = "Learning rates to choose from. Default: ${DEFAULT-VALUE}.")
    private List<Double> rates;

    @Option(
            names = "--seeds",
            paramLabel = "N",
            defaultValue = "5",
            description = "Trainings with the chosen rate. Default: ${DEFAULT-VALUE}.")
    private int seeds;

    @Mixin
    private ThreadOption threads = new ThreadOption();

    MaskKeysCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        KeyOptions options = new KeyOptions(
                arms.stream().map(Arm::named).toList(),
                answers.stream().map(Answer::named).toList(),
                rows,
                heldOut,
                epochs,
                batch,
                rank,
                rates,
                seeds);
        List<Register> chosen = registers.stream().map(MaskKeysCommand::keyed).toList();
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        head();
        try (Tokenizer tokenizer = Tokenizer.load(model);
                Decoder decoder = ModelDirectory.open(model).load(DType.FLOAT32, Device.CPU);
                Workers workers = threads.workers();
                WorkBar bar = new WorkBar(console, "mask-keys", options.trainings(chosen.size()))) {
            tokenizer.checkAgainst(decoder.config().vocabulary());
            ChatTemplate template = ChatTemplate.load(model)
                    .orElseThrow(() -> InlayException.data("%s has no chat template; the chats need one", model));
            KeyExperiment experiment = new KeyExperiment(
                    decoder,
                    Encoder.chat(tokenizer, template, LossOn.LAST),
                    KeyExperiment.trigger(tokenizer.id(TRIGGER), TRIGGER),
                    options,
                    workers);
            experiment.run(chosen, bar::accept, result -> show(result, object));
        }
        console.result(object);
        return 0;
    }

    private static Register keyed(String name) {
        Register register = Register.named(name);
        InlayException.require(
                List.of(Register.KEY_READ, Register.KEY_COMPUTED, Register.KEY_HIDDEN)
                        .contains(register),
                "%s has no key; choose key-read, key-computed or key-hidden",
                register);
        return register;
    }

    private void head() {
        console.result("Balanced accuracy of the flag on new chats, 95 % interval over seeds; chance is 0.5");
        console.result(String.format(
                Locale.ROOT, "  %-14s %-16s %8s %18s %8s", "register", "arm", "rate", "accuracy", "AUROC"));
    }

    private void show(KeyResult each, ObjectNode object) {
        console.result(String.format(
                Locale.ROOT,
                "  %-14s %-16s %8.1e %9.3f +- %.3f %9.3f",
                each.register(),
                each.arm(),
                each.rate(),
                each.accuracy().mean(),
                each.accuracy().interval(),
                each.area().mean()));
        ObjectNode row = object.withArray("results").addObject();
        row.put("register", each.register().toString());
        row.put("arm", each.arm().toString());
        row.put("rate", each.rate());
        each.accuracies().forEach(row.withArray("balanced_accuracy")::add);
        each.areas().forEach(row.withArray("auroc")::add);
    }
}
