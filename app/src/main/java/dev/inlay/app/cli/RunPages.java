package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.app.report.Description;
import dev.inlay.app.report.Description.Fact;
import dev.inlay.app.report.Description.Part;
import dev.inlay.app.report.Description.Sample;
import dev.inlay.app.report.RunReport;
import dev.inlay.model.Segments;
import dev.inlay.model.files.Json;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.training.data.Example;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What {@code train} leaves in a run's directory for people. */
final class RunPages {
    private RunPages() {}

    /** Says what the run works on, once: a resumed run works on the same. */
    static void begin(Prepared prepared, Path run) {
        if (Files.notExists(run.resolve(Description.FILE))) {
            describe(prepared).write(run);
        }
    }

    /** Writes result and report. The adapter is done and proved: that the report cannot be written is a warning. */
    static void end(JsonNode result, Path run, Console console) {
        Json.write(run.resolve(RunReport.RESULT), result);
        try {
            RunReport.write(run, run.resolve(RunReport.FILE));
        } catch (InlayException e) {
            console.warn("no report: " + e.getMessage());
        }
    }

    private static Description describe(Prepared prepared) {
        List<Part> data = new ArrayList<>();
        data.add(Part.of("training", prepared.data().train().report()));
        prepared.data().held().ifPresent(held -> data.add(Part.of("validation", held.report())));
        Example example = prepared.data().train().list().get(0);
        Segments gate = prepared.config().beside().gate().over(example.reading());
        Sample first = Sample.of(example, gate, prepared.tokenizer());
        return new Description(model(prepared), data, AdapterTable.of(prepared), first);
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
                new Fact(
                        "tokenizer",
                        String.format(
                                Locale.ROOT, "%,d tokens", prepared.tokenizer().vocabularySize())),
                new Fact(
                        "template",
                        prepared.template().map(ChatTemplate::source).orElse("none")));
    }
}
