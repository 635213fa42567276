package dev.inlay.training.run;

import dev.inlay.model.files.Json;
import dev.inlay.training.Evaluation;
import dev.inlay.training.Progress;
import dev.inlay.training.StepReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One line of {@code metrics.jsonl}; {@link Metrics} describes the fields. */
final class Event {
    private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();

    private Event(String name, int step) {
        with("event", name).with("step", step);
    }

    static Event start(int steps, long parameters) {
        return new Event("start", 0).with("steps", steps).with("parameters", parameters);
    }

    static Event step(StepRecord record) {
        StepReport report = record.report();
        return new Event("step", report.step())
                .with("epoch", report.epoch())
                .with("loss", report.loss())
                .with("tokens", record.tokens())
                .with("lr", report.learningRate())
                .with("grad_norm", report.gradientNorm())
                .with("tok_s", record.rate())
                .with("mem_bytes", record.memory().peak());
    }

    static Event evaluation(Evaluation.Result result, Progress progress) {
        return new Event("eval", progress.step())
                .with("loss", result.loss())
                .with("perplexity", result.perplexity())
                .with("targets", result.targets())
                .with("best", progress.isBest());
    }

    static Event checkpoint(Progress progress, String name) {
        return new Event("checkpoint", progress.step()).with("name", name).with("best", progress.isBest());
    }

    static Event warning(int step, String message) {
        return new Event("warning", step).with("message", message);
    }

    static Event end(String status, Progress progress, List<String> warnings) {
        return new Event("end", progress.step())
                .with("status", status)
                .with("loss", progress.lastLoss())
                .with("best_loss", progress.bestLoss())
                .with("best_step", progress.bestStep())
                .with("tokens", progress.tokens())
                .with("targets", progress.targets())
                .with("warnings", warnings);
    }

    Event with(String key, Object value) {
        boolean unwritable = value instanceof Double number && !Double.isFinite(number);
        fields.put(key, unwritable ? null : value);
        return this;
    }

    /** The fields in their documented order, without line end. */
    String line() {
        return fields.entrySet().stream()
                .map(field -> Json.line(field.getKey()) + ":" + json(field.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String json(@Nullable Object value) {
        return value == null ? "null" : Json.line(value);
    }
}
