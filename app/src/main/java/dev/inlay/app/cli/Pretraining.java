package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.app.report.RunReport;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.files.Fingerprint;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.RegularFile;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.training.DecoderParameters;
import dev.inlay.training.Evaluation;
import dev.inlay.training.Progress;
import dev.inlay.training.Trainer;
import dev.inlay.training.data.FileStamp;
import dev.inlay.training.run.Checkpoints;
import dev.inlay.training.run.ModelProduct;
import dev.inlay.training.run.Probe;
import dev.inlay.training.run.RunDirectory;
import dev.inlay.training.run.RunRecord;
import dev.inlay.training.run.TrainingRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;

/** Trains all weights of what was prepared, and proves the result. */
record Pretraining(
        PretrainPrepared prepared, Configuration configuration, Path directory, Workers workers, Console console) {
    /** Settings that change no result, and those that the record holds otherwise. */
    private static final Set<String> NO_IDENTITY = Set.of(
            "architecture",
            "data",
            "model",
            "tokenizer",
            "keep-checkpoints",
            "threads",
            "seed",
            "init-seed",
            "data-seed");

    /** Files of a tokenizer that make a model directory complete. */
    private static final List<String> TOKENIZER = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "chat_template.jinja");

    private static final int LARGEST_FILE = 256 << 20;

    /** Losses of the written model and of the one in memory come from the same bits by the same kernels. */
    private static final double SAME = 1e-6;

    void run(boolean resuming) {
        RunRecord record = record();
        try (RunDirectory run = resuming
                        ? RunDirectory.resume(directory, record)
                        : RunDirectory.create(directory, record, configuration.toYaml());
                DecoderParameters parameters = parameters();
                Decoder decoder = prepared.architecture().decoder(parameters.weights());
                Trainer trainer = new Trainer(decoder, parameters, prepared.options(), workers)) {
            RunPages.begin(directory, () -> RunPages.of(prepared));
            Probe probe = Probe.of(decoder, workers, prepared.units());
            ModelProduct product = new ModelProduct(parameters, files());
            Checkpoints checkpoints = new Checkpoints(run, product, probe, prepared.keptCheckpoints());
            TrainingRun.Outcome outcome;
            try (RunConsole display = new RunConsole(console, prepared.options().steps());
                    Interruption interruption = Interruption.calls(trainer::requestStop)) {
                outcome = new TrainingRun(trainer, checkpoints, display).fit(prepared.units(), prepared.evaluation());
            }
            Training.requireEnded(outcome, "inlay pretrain --resume " + directory);
            show(outcome);
        }
    }

    private DecoderParameters parameters() {
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> start = prepared.start()
                    .map(ModelDirectory::weights)
                    .orElseGet(() ->
                            prepared.architecture().initial(prepared.seeds().initialisation()));
            return DecoderParameters.of(start, prepared.type());
        }
    }

    private RunRecord record() {
        Map<String, Object> settings = new TreeMap<>(configuration.values());
        settings.keySet().removeAll(NO_IDENTITY);
        List<FileStamp> data =
                prepared.data().stream().flatMap(each -> each.files().stream()).toList();
        RunRecord.Inputs inputs = new RunRecord.Inputs(
                prepared.start()
                        .map(model -> BaseModel.of(model).fingerprint())
                        .orElseGet(() -> Fingerprint.sha256(Json.line(prepared.config()))),
                prepared.tokenizer().sha256(),
                prepared.template().map(ChatTemplate::sha256).orElse(""),
                data);
        return new RunRecord(
                prepared.options(),
                settings,
                prepared.seeds(),
                inputs,
                new RunRecord.Machine(Device.CPU, prepared.threads()));
    }

    private Map<String, byte[]> files() {
        Map<String, byte[]> files = new TreeMap<>();
        for (String name : TOKENIZER) {
            Path file = prepared.source().resolve(name);
            if (Files.exists(file)) {
                files.put(name, RegularFile.read(file, LARGEST_FILE));
            }
        }
        files.put("generation_config.json", Json.bytes(ArchitectureOptions.generation(prepared.config())));
        files.put("config.json", Json.bytes(prepared.config()));
        return files;
    }

    private void show(TrainingRun.Outcome outcome) {
        Path written = outcome.result().orElseThrow(() -> new IllegalStateException("a run that ended has a model"));
        OptionalDouble validation = validation(written, outcome.progress());
        Progress progress = outcome.progress();
        ObjectNode result = json(written, outcome, validation);
        RunPages.end(result, directory, console);
        console.result(outcome.status() == TrainingRun.Status.EARLY ? "Done, early" : "Done");
        line(
                "final loss",
                String.format(
                        Locale.ROOT,
                        "%.4f after %,d steps, %,d tokens",
                        progress.lastLoss(),
                        progress.step(),
                        progress.tokens()));
        validation.ifPresent(loss -> line(
                "validation",
                String.format(
                        Locale.ROOT,
                        "best loss %.4f at step %d, perplexity %.4f; the written model has the same",
                        loss,
                        progress.bestStep(),
                        Math.exp(loss))));
        line("files", written + ", and run.json, config.yaml, metrics.jsonl in " + directory);
        line("report", String.valueOf(directory.resolve(RunReport.FILE)));
        console.result("next: inlay generate --model " + written + " --raw --prompt \"...\"");
        console.result(result);
    }

    /** Loss of the model that was read again from disk. */
    private OptionalDouble validation(Path written, Progress progress) {
        if (prepared.evaluation().isEmpty()) {
            return OptionalDouble.empty();
        }
        try (Decoder decoder = ModelDirectory.open(written).load(prepared.type(), Device.CPU)) {
            double loss = new Evaluation(decoder, workers)
                    .of(prepared.evaluation(), List.of())
                    .loss();
            if (!(Math.abs(loss - progress.bestLoss()) <= SAME * progress.bestLoss())) {
                throw InlayException.data(
                        "%s: the model read again has the validation loss %s, in training it was %s; check the disk",
                        written, loss, progress.bestLoss());
            }
            return OptionalDouble.of(loss);
        }
    }

    private ObjectNode json(Path written, TrainingRun.Outcome outcome, OptionalDouble validation) {
        Progress progress = outcome.progress();
        ObjectNode object = JsonMapper.builder().build().createObjectNode();
        object.put("run", directory.toString());
        object.put("model", written.toString());
        object.put("status", outcome.status().name().toLowerCase(Locale.ROOT));
        object.put("parameters", prepared.architecture().count());
        object.put("steps", progress.step());
        object.put("tokens", progress.tokens());
        object.put("loss", progress.lastLoss());
        validation.ifPresent(loss -> {
            object.put("validation_loss", loss);
            object.put("best_step", progress.bestStep());
        });
        return object;
    }

    private void line(String name, String value) {
        console.result(String.format(Locale.ROOT, "  %-12s %s", name, value));
    }
}
