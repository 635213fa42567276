package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InfoCommandTest {
    @TempDir
    Path folder;

    @Test
    void modelShowsItsShapeAndItsMaps() throws IOException {
        Outcome outcome = Outcome.of("info", TinyModel.in(folder));
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .containsPattern("family +llama")
                .containsPattern("stop ids +2 </s>")
                .containsPattern("k_proj +48 -> 24 +x 3")
                .containsPattern("lm_head +48 -> 96 +x 1");
    }

    @Test
    void modelAsJsonIsOneObject() throws IOException {
        Outcome outcome = Outcome.of("info", "--json", TinyModel.in(folder));
        JsonNode object = JsonMapper.builder().build().readTree(outcome.out());
        assertThat(object.path("family").asText()).isEqualTo("llama");
        assertThat(object.path("linear_maps").path("k_proj 48 -> 24").asInt()).isEqualTo(3);
    }

    @Test
    void adapterShowsWhatItHoldsAndWhetherItFits() {
        Path adapter = TinyModel.RECORDED.resolve("adapters/rslora-patterns");
        Outcome alone = Outcome.of("info", adapter);
        assertThat(alone.code()).as(alone.err()).isZero();
        assertThat(alone.out()).containsPattern("variant +rslora").doesNotContain("fits");
        Outcome checked = Outcome.of("info", adapter, "--model", TinyModel.RECORDED.resolve("model"));
        assertThat(checked.out()).containsPattern("fits +.*all \\d+ modules");
        Outcome other = Outcome.of(
                "info",
                adapter,
                "--model",
                TinyModel.RECORDED.resolveSibling("gpt2-tied").resolve("model"));
        assertThat(other.code()).isEqualTo(4);
    }

    @Test
    void fileHoldsTheFlags() throws IOException {
        Path adapter = TinyModel.RECORDED.resolve("adapters/lora");
        Path model = TinyModel.RECORDED.resolve("model");
        Path file = Files.writeString(folder.resolve("settings.yaml"), "model: '%s'\ntop: 2\n".formatted(model));
        Outcome settings = Outcome.of("info", adapter, "--config", file);
        assertThat(settings.code()).as(settings.err()).isZero();
        assertThat(settings.out())
                .isEqualTo(Outcome.of("info", adapter, "--model", model, "--top", 2)
                        .out())
                .isNotEqualTo(Outcome.of("info", adapter, "--model", model).out());
        Path wrong = Files.writeString(folder.resolve("wrong.yaml"), "tops: 2\n");
        Outcome refused = Outcome.of("info", adapter, "--config", wrong);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err().lines()).hasSize(1).first().asString().contains("tops");
    }

    @Test
    void changesAreShownModuleByModule() throws IOException {
        Path adapter = TinyModel.RECORDED.resolve("adapters/lora");
        Path csv = folder.resolve("changes.csv");
        Path model = TinyModel.RECORDED.resolve("model");
        Outcome outcome = Outcome.of("info", "--json", adapter, "--model", model, "--top", 2, "--out", csv);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        JsonNode object = JsonMapper.builder().build().readTree(outcome.out());
        assertThat(object.path("changes")).hasSize(21);
        JsonNode first = object.path("changes").path(0);
        double[] values = {
            first.path("singular_values").path(0).asDouble(),
            first.path("singular_values").path(1).asDouble()
        };
        double norm = first.path("norm").asDouble();
        assertThat(first.path("top_share").asDouble())
                .isCloseTo((values[0] * values[0] + values[1] * values[1]) / (norm * norm), within(1e-9));
        double sum = 0;
        for (JsonNode share : object.path("energy_by_kind")) {
            sum += share.asDouble();
        }
        assertThat(sum).isCloseTo(1, within(1e-9));
        List<String> lines = Files.readAllLines(csv);
        assertThat(lines).hasSize(22);
        assertThat(lines.get(0)).endsWith("value_1,value_2");
        assertThat(lines.get(1))
                .contains(
                        ",0,\"q_proj\",4," + norm + "," + first.path("relative").asDouble());
    }

    @Test
    void severalAdaptersAreCompared() throws IOException {
        Path lora = TinyModel.RECORDED.resolve("adapters/lora");
        Path qv = TinyModel.RECORDED.resolve("adapters/qv");
        Outcome text = Outcome.of("info", lora, qv);
        assertThat(text.code()).as(text.err()).isZero();
        assertThat(text.out()).containsPattern("similarity .*cosine -?0\\.\\d+; 6 modules in common");
        JsonNode json = JsonMapper.builder()
                .build()
                .readTree(Outcome.of("info", "--json", lora, qv).out());
        assertThat(json.path("adapters")).hasSize(2);
        JsonNode module = json.path("similarity").path(0).path("modules").path(0);
        assertThat(module.path("angles_written")).hasSize(4);
        assertThat(Outcome.of("info", lora, TinyModel.RECORDED.resolve("model")).code())
                .isEqualTo(3);
    }

    @Test
    void directoryThatIsNeitherIsBadData() {
        Outcome outcome = Outcome.of("info", folder);
        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.err().lines()).hasSize(1);
    }
}
