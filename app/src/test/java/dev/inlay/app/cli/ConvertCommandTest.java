package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConvertCommandTest {
    private static final Path ADAPTER = TinyModel.RECORDED.resolve("adapters/lora");

    @TempDir
    Path folder;

    private Path model;

    @BeforeEach
    void copyModel() throws IOException {
        model = TinyModel.in(folder);
    }

    @Test
    void adapterGoesToMlxAndBack() {
        Path mlx = folder.resolve("mlx");
        Path back = folder.resolve("back");
        Outcome there = convert(ADAPTER, "mlx", mlx);
        assertThat(there.code()).as(there.err()).isZero();
        Outcome again = convert(mlx, "peft", back);
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(again.out()).contains("21 modules; effect max", "wrote " + back);
        assertThat(generated(back)).isEqualTo(generated(ADAPTER));
    }

    @Test
    void adapterBecomesAGgufFile() throws IOException {
        Path file = folder.resolve("adapter.gguf");
        Outcome outcome = convert(ADAPTER, "gguf", file, "--json", "--dtype", "f16");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        JsonNode result = JsonMapper.builder().build().readTree(outcome.out());
        assertThat(result.path("modules").asInt()).isEqualTo(21);
        assertThat(result.path("deviation_max").asDouble()).isBetween(1e-7, 1e-1);
        assertThat(Files.size(file)).isPositive();
    }

    @Test
    void mergedModelBecomesAnAdapterAgain() {
        Path merged = folder.resolve("merged");
        Outcome.of("merge", "--model", model, "--adapter", ADAPTER, "--out", merged);
        Path found = folder.resolve("found");
        Outcome outcome = convert(merged, "peft", found, "--rank", 4);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("model.layers.2.mlp.down_proj", "deviation from what was meant");
        assertThat(generated(found)).isEqualTo(generated(ADAPTER));
        Outcome checked = Outcome.of("check", found, "--model", model);
        assertThat(checked.code()).as(checked.out()).isZero();
        assertThat(checked.out()).containsPattern("base fingerprint +equal");
    }

    @Test
    void ambiguousSourceAsksForTheFlag() throws IOException {
        Path both = Files.createDirectory(folder.resolve("both"));
        for (String name : new String[] {"adapter_config.json", "adapter_model.safetensors"}) {
            Files.copy(ADAPTER.resolve(name), both.resolve(name));
        }
        Files.copy(both.resolve("adapter_model.safetensors"), both.resolve("adapters.safetensors"));
        Outcome asked = convert(both, "gguf", folder.resolve("a.gguf"));
        assertThat(asked.code()).isEqualTo(2);
        assertThat(asked.err()).contains("--from");
        Outcome told = convert(both, "gguf", folder.resolve("a.gguf"), "--from", "peft");
        assertThat(told.code()).as(told.err()).isZero();
    }

    @Test
    void optionsThatWouldBeIgnoredAreWrongUsage() {
        Path out = folder.resolve("out");
        assertThat(convert(ADAPTER, "gguf", out, "--rank", 4).code()).isEqualTo(2);
        assertThat(convert(ADAPTER, "peft", out, "--energy", 0.9).code()).isEqualTo(2);
        assertThat(convert(model, "peft", out).code()).isEqualTo(2);
        assertThat(convert(model, "gguf", out).code()).isEqualTo(2);
        assertThat(out).doesNotExist();
    }

    @Test
    void factorsWithoutAConfigurationNeedRankAndAlpha() throws IOException {
        Path bare = Files.createDirectory(folder.resolve("bare"));
        Path weights = ADAPTER.resolve("adapter_model.safetensors");
        Files.copy(weights, bare.resolve(weights.getFileName()), StandardCopyOption.REPLACE_EXISTING);
        Path out = folder.resolve("out");
        Outcome asked = convert(bare, "peft", out);
        assertThat(asked.code()).isEqualTo(2);
        assertThat(asked.err()).contains("--rank and --alpha");
        assertThat(convert(bare, "peft", out, "--rank", 4, "--alpha", 8).code()).isZero();
        assertThat(generated(out)).isEqualTo(generated(ADAPTER));
    }

    private Outcome convert(Path source, String to, Path out, Object... more) {
        Object[] words = new Object[8 + more.length];
        Object[] first = {"convert", source, "--to", to, "--model", model, "--out", out};
        System.arraycopy(first, 0, words, 0, first.length);
        System.arraycopy(more, 0, words, first.length, more.length);
        return Outcome.of(words);
    }

    private String generated(Path adapter) {
        Outcome outcome =
                Outcome.of("generate", "--model", model, "--adapter", adapter, "--prompt", "Hello", "--max-tokens", 20);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        return outcome.out();
    }
}
