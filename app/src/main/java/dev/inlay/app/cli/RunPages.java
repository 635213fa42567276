package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.app.report.Description;
import dev.inlay.app.report.Description.Fact;
import dev.inlay.app.report.Description.Part;
import dev.inlay.app.report.Description.Sample;
import dev.inlay.app.report.RunReport;
import dev.inlay.model.DecoderConfig;
import dev.inlay.model.Reading;
import dev.inlay.model.Segments;
import dev.inlay.model.files.Json;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.training.data.Example;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** What {@code train} and {@code pretrain} leave in a run's directory for people. */
final class RunPages {
    private RunPages() {}

    /** Says what the run works on, once: a resumed run works on the same. */
    static void begin(Path run, Supplier<Description> description) {
        if (Files.notExists(run.resolve(Description.FILE))) {
            description.get().write(run);
        }
    }

    /** Writes result and report. What was trained is done and proved: that the report cannot be written is a warning. */
    static void end(JsonNode result, Path run, Console console) {
        Json.write(run.resolve(RunReport.RESULT), result);
        try {
            RunReport.write(run, run.resolve(RunReport.FILE));
        } catch (InlayException e) {
            console.warn("no report: " + e.getMessage());
        }
    }

    /** An adapter in the making. */
    static Description of(Prepared prepared) {
        return new Description(
                "train",
                model(prepared),
                parts("", prepared.data()),
                AdapterTable.of(prepared),
                first(prepared.data(), prepared.config().beside().gate()::over, prepared.tokenizer()));
    }

    /** A model in the making. */
    static Description of(PretrainPrepared prepared) {
        List<Part> data = new ArrayList<>();
        prepared.data().forEach(each -> data.addAll(parts(each.files().get(0).path() + ", ", each)));
        Sample first = first(prepared.data().get(0), reading -> Segments.OPEN, prepared.tokenizer());
        return new Description("pretrain", model(prepared), data, List.of(), first);
    }

    private static List<Part> parts(String source, TrainingData data) {
        List<Part> parts = new ArrayList<>();
        parts.add(Part.of(source + "training", data.train().report()));
        data.held().ifPresent(held -> parts.add(Part.of(source + "validation", held.report())));
        return parts;
    }

    private static Sample first(TrainingData data, Function<Reading, Segments> gate, Tokenizer tokenizer) {
        Example example = data.train().list().get(0);
        return Sample.of(example, gate.apply(example.reading()), tokenizer);
    }

    private static List<Fact> model(Prepared prepared) {
        Path path = prepared.model().path();
        return List.of(
                new Fact("model", path.toString()),
                new Fact("family", prepared.model().config().family()),
                new Fact("parameters", String.format(Locale.ROOT, "%,d", ModelInfo.parameters(path))),
                new Fact("shape", ModelInfo.shape(prepared.model().config())),
                new Fact("stored as", prepared.model().storedType().name().toLowerCase(Locale.ROOT)),
                new Fact("computed in", prepared.type().name().toLowerCase(Locale.ROOT)),
                tokenizer(prepared.tokenizer()),
                template(prepared.template()));
    }

    private static List<Fact> model(PretrainPrepared prepared) {
        DecoderConfig config = prepared.architecture().config();
        return List.of(
                new Fact("family", config.family()),
                new Fact(
                        "parameters",
                        String.format(
                                Locale.ROOT, "%,d", prepared.architecture().count())),
                new Fact("shape", ModelInfo.shape(config)),
                new Fact("context", String.format(Locale.ROOT, "%,d tokens", config.contextLength())),
                new Fact("computed in", prepared.type().name().toLowerCase(Locale.ROOT)),
                tokenizer(prepared.tokenizer()),
                template(prepared.template()));
    }

    private static Fact tokenizer(Tokenizer tokenizer) {
        return new Fact("tokenizer", String.format(Locale.ROOT, "%,d tokens", tokenizer.vocabularySize()));
    }

    private static Fact template(Optional<ChatTemplate> template) {
        return new Fact("template", template.map(ChatTemplate::source).orElse("none"));
    }
}
