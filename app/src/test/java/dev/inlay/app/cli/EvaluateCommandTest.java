package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.inlay.testing.SharedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateCommandTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Path ADAPTER = TinyModel.RECORDED.resolve("adapters/lora");

    @TempDir
    Path folder;

    private Path model;
    private Path data;

    @BeforeEach
    void lay() throws IOException {
        model = TinyModel.in(folder);
        data = TinyData.in(folder, 5);
    }

    @Test
    void baseAndAdapterStandSideBySide() {
        Outcome outcome = Outcome.of("evaluate", "--model", model, "--adapter", ADAPTER, "--data", data);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .containsPattern("base +\\d")
                .containsPattern("adapter +\\d")
                .contains("change");
        assertThat(outcome.err()).contains("5 rows");
    }

    @Test
    void perplexityIsTheExponentialOfTheLoss() throws IOException {
        JsonNode result = JSON.readTree(Outcome.of("evaluate", "--json", "--model", model, "--data", data)
                .out());
        double loss = result.path("base_loss").asDouble();
        assertThat(result.path("base_perplexity").asDouble()).isCloseTo(Math.exp(loss), within(1e-9));
        assertThat(result.has("adapter_loss")).isFalse();
    }

    @Test
    void rowsAsCsvWeighUpToTheWhole() throws IOException {
        Outcome outcome =
                Outcome.of("evaluate", "--model", model, "--adapter", ADAPTER, "--data", data, "--per-row", "--quiet");
        List<String> lines = outcome.out().lines().toList();
        assertThat(lines.get(0)).isEqualTo("row,line,targets,base_loss,adapter_loss");
        assertThat(lines).hasSize(6);
        double sum = 0;
        double targets = 0;
        for (String line : lines.subList(1, 6)) {
            String[] fields = line.split(",");
            sum += Double.parseDouble(fields[2]) * Double.parseDouble(fields[4]);
            targets += Double.parseDouble(fields[2]);
        }
        JsonNode whole =
                JSON.readTree(Outcome.of("evaluate", "--json", "--model", model, "--adapter", ADAPTER, "--data", data)
                        .out());
        assertThat(sum / targets).isCloseTo(whole.path("adapter_loss").asDouble(), within(1e-6));
    }

    @Test
    void rowsAsJsonEndWithTheSummary() throws IOException {
        Outcome outcome = Outcome.of("evaluate", "--json", "--per-row", "--model", model, "--data", data);
        List<String> lines = outcome.out().lines().toList();
        assertThat(lines).hasSize(6);
        assertThat(JSON.readTree(lines.get(4)).path("line").asInt()).isEqualTo(5);
        assertThat(JSON.readTree(lines.get(5)).path("rows").asInt()).isEqualTo(5);
    }

    @Test
    void D7_rowOverTheLimitFollowsThePolicy() throws IOException {
        Files.writeString(data, "{\"text\": \"" + "long ".repeat(40) + "\"}\n{\"text\": \"short\"}\n");
        assertThat(Outcome.of("evaluate", "--model", model, "--data", data).code())
                .isEqualTo(3);
        Outcome dropped = Outcome.of("evaluate", "--model", model, "--data", data, "--overflow", "drop", "--json");
        assertThat(JSON.readTree(dropped.out()).path("rows").asInt()).isEqualTo(1);
        assertThat(dropped.err()).contains("dropped: 1 rows");
    }

    @Test
    void partOfADirectoryIsChosen() throws IOException {
        Path parts = Files.createDirectory(folder.resolve("parts"));
        Files.copy(data, parts.resolve("train.jsonl"));
        assertThat(Outcome.of("evaluate", "--model", model, "--data", parts).err())
                .contains("no valid.jsonl");
        assertThat(Outcome.of("evaluate", "--model", model, "--data", parts, "--part", "train")
                        .code())
                .isZero();
    }

    @Test
    @Tag("data")
    void realModelExpectsItsOwnKindOfText() throws IOException {
        Path stories = SharedData.require("stories260K").resolve("hf");
        assertThat(loss(stories, "tinystories_1000.json")).isLessThan(loss(stories, "wikitext_1000.json") - 1);
    }

    private double loss(Path stories, String file) throws IOException {
        JsonNode all = JSON.readTree(
                SharedData.require("tinystories-1000").resolve(file).toFile());
        Path few = folder.resolve(file);
        Files.writeString(few, "[" + all.get(0) + "," + all.get(1) + "," + all.get(2) + "]");
        Outcome outcome = Outcome.of("evaluate", "--json", "--model", stories, "--data", few, "--overflow", "split");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        return JSON.readTree(outcome.out()).path("base_loss").asDouble();
    }
}
