package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckCommandTest {
    private static final Path MODEL = TinyModel.RECORDED.resolve("model");
    private static final Path ADAPTERS = TinyModel.RECORDED.resolve("adapters");

    @TempDir
    Path folder;

    @Test
    void soundAdapterIsGood() {
        Outcome outcome = Outcome.of("check", ADAPTERS.resolve("lora"), "--model", MODEL);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .contains("21/21 matched", "in logits")
                .containsPattern("q_proj +3 +0 ")
                .endsWith("good" + System.lineSeparator());
    }

    @Test
    void adapterOfAnotherModelIsNotGoodAndEveryReasonIsListed() throws IOException {
        Path other = TinyModel.RECORDED.resolveSibling("gpt2-tied").resolve("model");
        Outcome outcome = Outcome.of("check", "--json", ADAPTERS.resolve("lora"), "--model", other);
        assertThat(outcome.code()).isEqualTo(4);
        JsonNode result = JsonMapper.builder().build().readTree(outcome.out());
        assertThat(result.path("good").asBoolean()).isFalse();
        assertThat(result.path("problems")).isNotEmpty();
    }

    @Test
    void consumerDecidesTheExitCode() {
        Path adapter = ADAPTERS.resolve("rslora-patterns");
        assertThat(Outcome.of("check", adapter, "--model", MODEL).code()).isZero();
        Outcome peft = Outcome.of("check", adapter, "--model", MODEL, "--for", "peft");
        assertThat(peft.code()).isZero();
        assertThat(peft.out()).contains("peft needs use_rslora: PEFT 0.8 or later");
        Outcome vllm = Outcome.of("check", adapter, "--model", MODEL, "--for", "vllm");
        assertThat(vllm.code()).isEqualTo(4);
        assertThat(vllm.out()).contains("vllm ignores rank_pattern", "not good for vllm");
        Outcome llama = Outcome.of("check", adapter, "--model", MODEL, "--for", "llama.cpp");
        assertThat(llama.code()).isZero();
        assertThat(llama.out()).contains("inlay convert --to gguf");
        assertThat(Outcome.of("check", adapter, "--model", MODEL, "--for", "ollama")
                        .code())
                .isEqualTo(2);
    }

    @Test
    void whatTrainingWroteIsComparedEverywhere() throws IOException {
        Path model = TinyModel.in(folder);
        Path run = folder.resolve("run");
        Outcome trained = Outcome.of(
                "train", "--model", model, "--data", TinyData.in(folder, 10), "--out", run, "--steps", 2, "--rank", 2);
        assertThat(trained.code()).as(trained.err()).isZero();
        Outcome equal = Outcome.of("check", run, "--model", model);
        assertThat(equal.code()).as(equal.out()).isZero();
        assertThat(equal.out()).containsPattern("base fingerprint +equal").containsPattern("tokenizer +equal");

        Path tokenizer = model.resolve("tokenizer.json");
        Files.writeString(tokenizer, Files.readString(tokenizer) + " ");
        Outcome differs = Outcome.of("check", run, "--model", model);
        assertThat(differs.code()).isEqualTo(4);
        assertThat(differs.out()).containsPattern("tokenizer +differs").contains("allow other-tokenizer");
        Outcome generated = Outcome.of("generate", "--model", model, "--adapter", run, "--prompt", "a");
        assertThat(generated.code()).isEqualTo(4);
        Path merged = folder.resolve("merged");
        assertThat(Outcome.of("merge", "--model", model, "--adapter", run, "--out", merged)
                        .code())
                .isEqualTo(4);
        Outcome allowed = Outcome.of(
                "generate",
                "--model",
                model,
                "--adapter",
                run,
                "--prompt",
                "a",
                "--max-tokens",
                1,
                "--allow",
                "other-tokenizer");
        assertThat(allowed.code()).as(allowed.err()).isZero();
    }
}
