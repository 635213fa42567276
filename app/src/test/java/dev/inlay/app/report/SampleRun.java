package dev.inlay.app.report;

import dev.inlay.training.data.ExampleText;
import dev.inlay.training.data.ExampleText.Piece;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The directory of a run, written by hand: a page is made of files, whoever wrote them. */
final class SampleRun {
    /** A name that would act on the page if it were not escaped. */
    static final String HOSTILE =
            "</script><!--<img src=x onerror=document.documentElement.dataset.acted=1>\"'&\u202E\u2028";

    private static final String RECORD = """
            {"format": 1, "name": %s, "created": "2026-11-20T10:11:12.131415Z", "device": "cpu", "threads": 2,
             "options": {"learningRate": %s, "steps": 40, "optimiser": {"beta1": 0.9}}, "settings": {"rank": 4},
             "seeds": {"data": 7}, "inputs": {"base": "sha256:abc", "data": ["def"]},
             "files": [{"path": %s, "bytes": 1234, "sha256": "def"}],
             "versions": {"inlay": "0.1", "java": "17"}}
            """;

    final Path path;
    private final List<String> metrics = new ArrayList<>();

    /** A run that has just begun; its record is there. */
    SampleRun(Path path, String name, double learningRate) throws IOException {
        this.path = Files.createDirectories(path);
        Files.writeString(
                path.resolve("run.json"), RECORD.formatted(quoted(name), learningRate, quoted("data of " + name)));
        event("start", 0, "\"steps\":40,\"parameters\":92480");
    }

    /** A run that took all its steps, was evaluated, warned once, and has a description and a result. */
    static SampleRun done(Path path, String name, double learningRate) throws IOException {
        SampleRun run = new SampleRun(path, name, learningRate);
        for (int step = 1; step <= 40; step++) {
            run.step(step, String.valueOf(5 - 0.1 * step * learningRate));
            if (step % 10 == 0) {
                run.event(
                        "eval",
                        step,
                        "\"loss\":" + (5.5 - 0.05 * step) + ",\"perplexity\":9,\"targets\":3,\"best\":true");
            }
        }
        run.event("warning", 12, "\"message\":" + quoted("beware of " + name));
        run.end("done");
        Files.createDirectories(path.resolve("adapter"));
        Files.writeString(
                path.resolve("result.json"),
                "{\"status\":\"done\",\"steps\":40,\"loss\":1.5,\"validation_loss\":3.5,\"base_validation_loss\":6.25,"
                        + "\"logits_changed_max\":7.5,\"new_measure\":0.125}");
        description(name).write(path);
        return run;
    }

    void step(int step, String loss) throws IOException {
        event(
                "step",
                step,
                "\"epoch\":0,\"loss\":" + loss + ",\"tokens\":" + 100 * step
                        + ",\"lr\":0.001,\"grad_norm\":0.5,\"tok_s\":1000.0,\"mem_bytes\":500000000");
    }

    void end(String status) throws IOException {
        event("end", 40, "\"status\":\"" + status + "\",\"tokens\":4000");
    }

    void event(String name, int step, String fields) throws IOException {
        metrics.add(
                "{\"event\":\"" + name + "\",\"step\":" + step + "," + fields + ",\"time\":" + (1.7e9 + step) + "}");
        Files.write(path.resolve("metrics.jsonl"), metrics);
    }

    private static Description description(String name) {
        ExampleText text = new ExampleText(
                List.of(new Piece("<s>", false, true, true), new Piece(" Say\n\tit: " + name, false, false, true)),
                321,
                List.of(new Piece("so be it", true, false, true), new Piece("</s>", true, true, true)));
        return new Description(
                "train",
                List.of(new Description.Fact("model", "models/tiny one"), new Description.Fact("family", name)),
                List.of(new Description.Part(
                        "training", 90, 90, 4000, 3000, List.of(0L, 0L, 0L, 30L, 60L), List.of("line about " + name))),
                List.of(new Description.Modules("q_proj", 5, 5, 4, 64, 64, 2560)),
                new Description.Sample(17, 400, 42, text));
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\"", "\\\"") + "\"";
    }
}
