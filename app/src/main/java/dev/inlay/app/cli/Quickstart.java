package dev.inlay.app.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.adapter.peft.AdaptedModel;
import dev.inlay.app.experiments.world.Split;
import dev.inlay.app.experiments.world.Verdicts;
import dev.inlay.app.report.RunReport;
import dev.inlay.engine.Device;
import dev.inlay.engine.Workers;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A tour: what the model knows, a task that it cannot do, {@code train}, and what has changed.
 *
 * @param run the directory of the training run; the data are written beside it
 * @param rows to learn from
 * @param heldOut rows of each other part
 */
record Quickstart(Path model, Path run, int rows, int heldOut, int threads, Console console) {
    private static final long SEED = 0;
    private static final int EPOCHS = 2;
    private static final int BATCH = 32;
    private static final int EVALUATIONS = 4;

    /** Where the data of a run are written. */
    static Path data(Path run) {
        return run.resolveSibling(run.getFileName() + "-data");
    }

    void begin() {
        RunName.requireFree(run);
        try (Workers workers = Workers.of(threads)) {
            knowledge(workers);
            task();
            TrainCommand train = TrainCommand.of(console, words());
            ObjectNode result = train.run(this::beforeFirstStep);
            compare(Path.of(result.path(EndReport.ADAPTER).asText()), workers, result);
            RunPages.end(result, run, console);
            next();
            console.result(result);
        }
    }

    private void knowledge(Workers workers) {
        console.result("Model");
        ModelInfo.of(model, console).fields().forEach((name, value) -> line(name, value));
        try (AdaptedModel bare = load(List.of());
                Exam exam = Exam.of(model, bare, workers)) {
            Knowledge.of(exam).show(console);
        }
    }

    private void task() {
        Verdicts.write(data(run), rows, heldOut, SEED);
        console.result("Task");
        console.result("  A buyer tells of a purchase, and the model shall answer with the verdict. It knows such"
                + " reviews, but was never asked.");
        line("data", data(run) + ", made now from seed " + SEED);
        line("command", "inlay train " + String.join(" ", words()));
    }

    private List<String> words() {
        int steps = EPOCHS * Math.max(1, (rows + BATCH - 1) / BATCH);
        return List.of(
                "--model",
                model.toString(),
                "--data",
                data(run).toString(),
                "--out",
                run.toString(),
                "--rank",
                "8",
                "--batch",
                String.valueOf(BATCH),
                "--steps",
                String.valueOf(steps),
                "--learning-rate",
                "3e-3", // small models like a high one
                "--eval-every",
                String.valueOf(Math.max(1, steps / EVALUATIONS)),
                "--save-every",
                "0",
                "--threads",
                String.valueOf(threads));
    }

    private void beforeFirstStep(PlanReport plan) {
        plan.data(console);
        plan.adapter(console);
        console.result("Training");
        line("time", plan.work().toString());
    }

    /** Adds to the result what is measured on new reviews. */
    private void compare(Path adapter, Workers workers, ObjectNode result) {
        Verdicts verdicts = new Verdicts(Split.TEST, SEED);
        try (AdaptedModel loaded = load(List.of(adapter));
                Exam exam = Exam.of(model, loaded, workers)) {
            VerdictScores scores = VerdictScores.of(exam, verdicts, heldOut, loaded.interventions(adapter));
            scores.show(console);
            scores.addTo(result);
        }
    }

    private AdaptedModel load(List<Path> adapters) {
        return AdaptedModel.load(
                new AdaptedModel.Request(model, adapters, Set.of()), Optional.empty(), Device.parse("cpu"));
    }

    private void next() {
        console.result("Report");
        line("page", run.resolve(RunReport.FILE) + ", open it in a browser");
        console.result("Next, with a model and data of your own (rows.jsonl: {\"prompt\": ..., \"completion\": ...})");
        console.result("  inlay plan     --model MODEL --data rows.jsonl");
        console.result("  inlay train    --model MODEL --data rows.jsonl --name mine");
        console.result("  inlay generate --model MODEL --adapter runs/mine --prompt \"...\"");
    }

    private void line(String name, String value) {
        console.result(String.format(Locale.ROOT, "  %-12s %s", name, value));
    }
}
