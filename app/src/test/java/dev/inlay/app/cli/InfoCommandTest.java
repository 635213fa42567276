package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
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
    void directoryThatIsNeitherIsBadData() {
        Outcome outcome = Outcome.of("info", folder);
        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.err().lines()).hasSize(1);
    }
}
