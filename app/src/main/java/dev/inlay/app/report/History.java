package dev.inlay.app.report;

import dev.inlay.InlayException;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.RegularFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What happened in a run, as {@link dev.inlay.training.run.Metrics} has written it. A last line that was cut short is none;
 * events of other names are left out. A number that was not finite is NaN.
 *
 * @param planned steps of the whole run
 * @param parameters that are trained
 * @param warnings each once, in order
 * @param end how it ended; empty while it goes on and after it was killed
 * @param seconds from the first event to the last, pauses included
 */
record History(
        long planned,
        long parameters,
        List<Step> steps,
        List<Evaluation> evaluations,
        List<String> warnings,
        Optional<End> end,
        double seconds) {

    /** @param memory the most so far, in bytes */
    record Step(
            int step, double loss, double learningRate, double gradientNorm, double rate, double memory, long tokens) {}

    record Evaluation(int step, double loss, double perplexity, boolean best) {}

    /** @param message of a failure, else empty */
    record End(String status, String message, long tokens) {}

    History {
        steps = List.copyOf(steps);
        evaluations = List.copyOf(evaluations);
        warnings = List.copyOf(warnings);
    }

    static History read(Path file) {
        byte[] bytes = RegularFile.read(file, Json.MAX_FILE);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        Reading reading = new Reading(file);
        new String(Arrays.copyOf(bytes, end), StandardCharsets.UTF_8).lines().forEach(reading::line);
        return reading.history();
    }

    /** The evaluation with the lowest loss. */
    Optional<Evaluation> best() {
        return evaluations.stream().filter(Evaluation::best).reduce((first, second) -> second);
    }

    Optional<Step> last() {
        return steps.isEmpty() ? Optional.empty() : Optional.of(steps.get(steps.size() - 1));
    }

    /** Of the finite values. */
    OptionalDouble mean(ToDoubleFunction<Step> value) {
        return steps.stream().mapToDouble(value).filter(Double::isFinite).average();
    }

    /** Of the finite values. */
    OptionalDouble most(ToDoubleFunction<Step> value) {
        return steps.stream().mapToDouble(value).filter(Double::isFinite).max();
    }

    /** Steps with a loss or gradient norm that was not finite. */
    long unfinite() {
        return steps.stream()
                .filter(step -> !Double.isFinite(step.loss()) || !Double.isFinite(step.gradientNorm()))
                .count();
    }

    private static final class Reading {
        private final Path file;
        private final List<Step> steps = new ArrayList<>();
        private final List<Evaluation> evaluations = new ArrayList<>();
        private final Set<String> warnings = new LinkedHashSet<>();
        private long planned;
        private long parameters;
        private double first = Double.NaN;
        private double last = Double.NaN;
        private int lines;
        private @Nullable End end;

        Reading(Path file) {
            this.file = file;
        }

        void line(String text) {
            lines++;
            JsonObject event = Json.parseObject(text, file + ", line " + lines);
            last = event.number("time");
            first = Double.isNaN(first) ? last : first;
            switch (event.text("event")) {
                case "start" -> start(event);
                case "step" -> step(event);
                case "eval" -> evaluations.add(evaluation(event));
                case "warning" -> warnings.add(event.text("message"));
                case "end" -> end = new End(event.text("status"), event.text("message", ""), count(event, "tokens"));
                default -> {
                    // an event of a later version
                }
            }
        }

        private void start(JsonObject event) {
            planned = count(event, "steps");
            parameters = count(event, "parameters");
        }

        private void step(JsonObject event) {
            end = null;
            steps.add(new Step(
                    number(event),
                    event.number("loss", Double.NaN),
                    event.number("lr", Double.NaN),
                    event.number("grad_norm", Double.NaN),
                    event.number("tok_s", Double.NaN),
                    event.number("mem_bytes", Double.NaN),
                    count(event, "tokens")));
        }

        private static Evaluation evaluation(JsonObject event) {
            return new Evaluation(
                    number(event),
                    event.number("loss", Double.NaN),
                    event.number("perplexity", Double.NaN),
                    event.flag("best"));
        }

        private static int number(JsonObject event) {
            return (int) event.integer("step", 0, Integer.MAX_VALUE);
        }

        private static long count(JsonObject event, String key) {
            return event.integer(key, 0, Long.MAX_VALUE);
        }

        History history() {
            if (lines == 0) {
                throw InlayException.data("%s: holds no event; the run has not begun", file);
            }
            return new History(
                    planned,
                    parameters,
                    steps,
                    evaluations,
                    List.copyOf(warnings),
                    Optional.ofNullable(end),
                    last - first);
        }
    }
}
