package dev.inlay.app.experiments.personality;

import dev.inlay.InlayException;
import dev.inlay.app.experiments.flags.Verdict;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.training.data.JsonLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads the published files.
 *
 * <ul>
 *   <li>{@code .json}: a batch, {@code {topic, data: [record, ...]}}, with
 *       {@code record = {A, B, T, inferences: {model: answers}}}, {@code answers = {A: answer, B: answer}},
 *       {@code answer = {S, tags, interventions: {key: {I, R, P, tags}}}}. A key is {@code family__version_n}, and may go on
 *       with {@code __...}.
 *   <li>{@code .jsonl}: one record a line with its {@code topic} and {@code model}; {@code inferences} are that model's
 *       answers.
 *   <li>A directory: all such files below it, in the order of their names.
 * </ul>
 *
 * <p>Other keys are passed over. A value of another kind than these is an error that names it; a sample that lacks a part, or
 * whose verdict is none (the makers write {@code ERROR}), is left out and counted.
 */
public final class SampleReader {
    /** The mark of the token at the head of interventions, which a layout replaces by the token itself. */
    private static final String MARK = "<split-personality-token>";

    private static final Pattern KEY = Pattern.compile("(.+?)__version_(\\d{1,6})(?:__.*)?", Pattern.DOTALL);
    private static final List<String> VARIANTS = List.of("A", "B");
    /** Data sets are laid out as topic/batch.json. */
    private static final int DEPTH = 4;

    private final List<Sample> samples = new ArrayList<>();
    private final Map<String, Integer> dropped = new TreeMap<>();

    private SampleReader() {}

    /**
     * Reads a file or a directory whole.
     *
     * @throws InlayException if a file is not as described, or none holds a sample
     */
    public static Samples read(Path path) {
        SampleReader reader = new SampleReader();
        for (Path file : files(path)) {
            if (file.toString().endsWith(".jsonl")) {
                JsonLines.read(file, (record, line) -> reader.line(record));
            } else {
                reader.batch(Json.readObject(file));
            }
        }
        if (reader.samples.isEmpty()) {
            throw InlayException.data(
                    "%s: expected samples, found none that is complete; left out: %s", path, reader.dropped);
        }
        return new Samples(reader.samples, reader.dropped);
    }

    private static List<Path> files(Path path) {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> found = Files.find(path, DEPTH, (file, is) -> is.isRegularFile())) {
            List<Path> files = found.filter(file ->
                            file.toString().endsWith(".json") || file.toString().endsWith(".jsonl"))
                    .sorted()
                    .toList();
            if (files.isEmpty()) {
                throw InlayException.data("%s: expected files ending in .json or .jsonl, found none", path);
            }
            return files;
        } catch (IOException e) {
            throw InlayException.data("%s: cannot be read: %s", path, e.getMessage())
                    .causedBy(e);
        }
    }

    private void batch(JsonObject batch) {
        String topic = batch.text("topic");
        for (JsonObject record : batch.objects("data")) {
            JsonObject inferences = record.object("inferences");
            for (String model : inferences.keys()) {
                inferences.optionalObject(model).ifPresent(answers -> answers(topic, model, record, answers));
            }
        }
    }

    private void line(JsonObject record) {
        answers(record.text("topic"), record.text("model"), record, record.object("inferences"));
    }

    private void answers(String topic, String model, JsonObject record, JsonObject answers) {
        for (String variant : VARIANTS) {
            Optional<JsonObject> answer = answers.optionalObject(variant);
            Optional<JsonObject> interventions = answer.flatMap(a -> a.optionalObject("interventions"));
            if (interventions.isPresent()) {
                for (String key : interventions.get().keys()) {
                    Source source = new Source(
                            record, variant, answer.get(), interventions.get().object(key));
                    add(topic, model, key, source);
                }
            }
        }
    }

    /** The objects that hold what belongs to one sample. */
    private record Source(JsonObject record, String variant, JsonObject answer, JsonObject intervention) {
        /** The first part that is missing; empty if none is. */
        Optional<String> missing() {
            return Stream.of(
                            lacks(record, variant, "no system prompt"),
                            lacks(record, "T", "no task"),
                            lacks(answer, "S", "no answer"),
                            lacks(intervention, "I", "no intervention"),
                            lacks(intervention, "R", "no review"))
                    .flatMap(Optional::stream)
                    .findFirst();
        }

        private static Optional<String> lacks(JsonObject object, String key, String words) {
            return object.text(key, "").isBlank() ? Optional.of(words) : Optional.empty();
        }

        Set<String> tags() {
            Set<String> tags = new HashSet<>(answer.texts("tags"));
            tags.addAll(intervention.texts("tags"));
            return tags;
        }
    }

    private void add(String topic, String model, String key, Source source) {
        Matcher named = KEY.matcher(key);
        Optional<String> missing = source.missing();
        Optional<Verdict> verdict = verdict(source.intervention().text("P", ""));
        if (!named.matches()) {
            drop("an intervention whose key names no version");
        } else if (missing.isPresent()) {
            drop(missing.get());
        } else if (verdict.isEmpty()) {
            drop("a verdict other than PASS, FAIL and AMBIGUOUS");
        } else {
            Sample.Origin origin =
                    new Sample.Origin(topic, model, source.variant(), named.group(1), Integer.parseInt(named.group(2)));
            samples.add(new Sample(
                    origin,
                    source.record().text(source.variant()),
                    source.record().text("T"),
                    source.answer().text("S"),
                    unmarked(source.intervention().text("I")),
                    source.intervention().text("R"),
                    verdict.get(),
                    source.tags()));
        }
    }

    private static Optional<Verdict> verdict(String text) {
        return Stream.of(Verdict.values()).filter(v -> v.name().equals(text)).findFirst();
    }

    private static String unmarked(String intervention) {
        return intervention.startsWith(MARK) ? intervention.substring(MARK.length()) : intervention;
    }

    private void drop(String reason) {
        dropped.merge(reason, 1, Integer::sum);
    }
}
