package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.adapter.peft.AdaptedModel;
import dev.inlay.app.experiments.world.Register;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Workers;
import dev.inlay.model.files.Json;
import dev.inlay.training.data.DataSource;
import dev.inlay.training.data.RowReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorldCommandTest {
    private static final String ALL =
            Stream.of(Register.values()).map(Register::toString).collect(Collectors.joining(","));

    @TempDir
    Path folder;

    @Test
    void sameSeedGivesTheSameBytes() throws IOException {
        Path one = write("one", "--register", ALL);
        Path two = write("two", "--register", ALL);
        Path other = write("other", "--register", ALL, "--seed", "1");
        try (Stream<Path> files = Files.walk(one)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path same = two.resolve(one.relativize(file));
                if (!file.endsWith("run.json")) {
                    assertThat(same).hasSameBinaryContentAs(file);
                }
            }
        }
        assertThat(Files.readString(other.resolve("text/train.jsonl")))
                .isNotEqualTo(Files.readString(one.resolve("text/train.jsonl")));
    }

    @Test
    void rowsAreReadByTraining() {
        Path world = write("world", "--register", ALL);
        for (String form : List.of("text", "chat")) {
            DataSource source = DataSource.read(world.resolve(form), new RowReader(Set.of()));
            assertThat(source.train().rows()).hasSize(50);
            assertThat(source.validation().orElseThrow().rows()).hasSize(20);
            assertThat(source.test().orElseThrow().rows()).hasSize(20);
        }
    }

    @Test
    void everyRowHasItsTruth() throws IOException {
        Path world = write("world", "--register", "review");
        List<String> rows = Files.readAllLines(world.resolve("text/train.jsonl"));
        List<String> truths = Files.readAllLines(world.resolve("text/train.labels.jsonl"));
        assertThat(truths).hasSameSizeAs(rows).hasSize(50);
        double sum = 0;
        for (String line : truths) {
            JsonNode truth = Json.parse(line, "truth");
            assertThat(truth.path("sentiment").asInt()).isBetween(-2, 2);
            assertThat(truth.path("topics").size()).isPositive();
            sum += truth.path("nats").asDouble();
        }
        JsonNode floor = Json.read(world.resolve("world.json")).path("floors").path(0);
        assertThat(floor.path("sampled").asDouble()).isCloseTo(sum / 50, within(1e-9));
    }

    @Test
    void tableAndSamplesArePrinted() {
        Outcome outcome = Outcome.of("world", "--out", folder.resolve("w"), "--rows", "50", "--held-out", "20");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("unseen-names", "Sample of story", "next: inlay tokenizer");
    }

    @Test
    void unknownRegisterIsNamed() {
        Outcome outcome = Outcome.of("world", "--out", folder.resolve("w"), "--register", "poem");
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("\"poem\"", "story", "key-hidden");
        assertThat(folder.resolve("w")).doesNotExist();
    }

    @Test
    void grammarAndBaselinesStandBelowIt() {
        Outcome grammar = Outcome.of("world", "grammar");
        assertThat(grammar.code()).as(grammar.err()).isZero();
        assertThat(grammar.out()).contains("./inlay world grammar", "story:");
        Outcome nowhere = Outcome.of("world");
        assertThat(nowhere.code()).isEqualTo(2);
        assertThat(nowhere.err()).contains("--out is missing", "inlay world --out small-world");
        Outcome few = Outcome.of("world", "baselines", "--texts", "3", "--json");
        assertThat(few.code()).isEqualTo(2);
        assertThat(few.err()).contains("\"event\":\"error\"", "--texts must be at least 10");
    }

    @Test
    void hiddenStatesOfAModelAreProbedBesideTheWords() {
        Path model = TinyWorldModel.in(folder);
        Outcome outcome = Outcome.of("world", "baselines", "--texts", "10", "--model", model, "--json");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        JsonNode result = Json.parse(outcome.out(), "output");
        assertThat(result.size()).isEqualTo(5);
        for (JsonNode label : result) {
            assertThat(label.path("probe").path("accuracy").asDouble(-1)).isBetween(0.0, 1.0);
            assertThat(label.path("probe").path("places")).hasSize(5);
            assertThat(label.path("probe").path("places").path(0).asText()).matches("layer 0 (last|mean)");
        }
    }

    /** Beside the text's own surprise, a model of both forms must guess the form. */
    @Test
    void floorsOfAModelHoldTheChoiceOfTheForm() throws IOException {
        Path model = TinyWorldModel.in(folder);
        Path world = write("w", "--register", "story,chat");
        JsonNode both = floors(model, world).path("registers");
        assertThat(both).hasSize(6);
        assertThat(both.path(0).path("register").asText()).isEqualTo("story");
        assertThat(both.path(0).path("texts").asInt()).isEqualTo(20);
        double own = Files.readAllLines(world.resolve("text/test.labels.jsonl")).stream()
                .mapToDouble(line -> Json.parse(line, "line").path("nats").asDouble())
                .average()
                .orElseThrow();
        assertThat(both.path(0).path("floor").asDouble()).isCloseTo(own + Math.log(2), within(1e-9));
        assertThat(both.path(0).path("model").asDouble()).isGreaterThan(own);
        JsonNode one = floors(model, write("v", "--register", "story")).path("registers");
        assertThat(one.path(0).path("floor").asDouble()).isCloseTo(own, within(1e-9));
    }

    /** Stories are 30 of 170 texts of the mixture, and texts are half of all; measuring stories alone pays that. */
    @Test
    void floorOfOneRegisterHoldsTheChoiceAmongAll() throws IOException {
        Path model = TinyWorldModel.in(folder);
        double own = Files.readAllLines(write("w", "--register", "story").resolve("text/test.labels.jsonl")).stream()
                .mapToDouble(line -> Json.parse(line, "line").path("nats").asDouble())
                .average()
                .orElseThrow();
        try (AdaptedModel loaded = AdaptedModel.load(
                        new AdaptedModel.Request(model, List.of(), Set.of()), Optional.of(DType.FLOAT32), Device.CPU);
                Workers workers = Workers.of(1);
                Exam exam = Exam.of(model, loaded, workers)) {
            assertThat(exam.excess(Register.STORY, 20, 0).floor())
                    .isCloseTo(own + Math.log(2) + Math.log(170.0 / 30), within(1e-9));
        }
    }

    private static JsonNode floors(Path model, Path world) {
        Outcome outcome = Outcome.of("world", "floors", "--model", model, "--world", world, "--json");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        return Json.parse(outcome.out(), "output");
    }

    private Path write(String name, String... more) {
        Path out = folder.resolve(name);
        Outcome outcome = Outcome.of(
                Stream.concat(Stream.of("world", "--out", out, "--rows", "50", "--held-out", "20"), Stream.of(more))
                        .toArray());
        assertThat(outcome.code()).as(outcome.err()).isZero();
        return out;
    }
}
