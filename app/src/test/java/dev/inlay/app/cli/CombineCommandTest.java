package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CombineCommandTest {
    private static final Path LORA = TinyModel.RECORDED.resolve("adapters/lora");
    private static final Path QV = TinyModel.RECORDED.resolve("adapters/qv");

    @TempDir
    Path folder;

    private Path model;
    private Path out;

    @BeforeEach
    void copyModel() throws IOException {
        model = TinyModel.in(folder);
        out = folder.resolve("sum");
    }

    @Test
    void sumSaysWhatItsAdaptersSayTogether() {
        Outcome made = Outcome.of("combine", LORA, QV, "--model", model, "--weights", "1.5,-0.5", "--out", out);
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(made.out())
                .containsPattern("layers.0.self_attn.q_proj +4\\+8 +12 ")
                .containsPattern("layers.0.mlp.up_proj +4 +4 ")
                .contains("error of all modules together 0", "next: inlay generate");
        Outcome sum = Outcome.of("generate", "--model", model, "--adapter", out, "--prompt", "Hello");
        Outcome both = Outcome.of(
                "generate",
                "--model",
                model,
                "--adapter",
                LORA,
                "--adapter",
                QV,
                "--weights",
                "1.5,-0.5",
                "--prompt",
                "Hello");
        Outcome one = Outcome.of("generate", "--model", model, "--adapter", LORA, "--prompt", "Hello");
        assertThat(sum.out()).isEqualTo(both.out()).isNotEqualTo(one.out());
    }

    @Test
    void errorOfFewerRanksIsShownAndKept() throws IOException {
        Outcome made = Outcome.of("combine", "--json", LORA, QV, "--model", model, "--rank", "5", "--out", out);
        assertThat(made.code()).as(made.err()).isZero();
        JsonNode result = JsonMapper.builder().build().readTree(made.out());
        assertThat(result.path("error").asDouble()).isBetween(0.01, 1.0);
        assertThat(result.path("difference_max").asDouble())
                .isBetween(0.001, result.path("effect_max").asDouble());
        for (JsonNode module : result.path("modules")) {
            boolean both = module.path("ranks").size() == 2;
            assertThat(module.path("rank").asInt()).isEqualTo(both ? 5 : 4);
            assertThat(module.path("error").asDouble() > 0).isEqualTo(both);
        }
        assertThat(Outcome.of("info", out, "--model", model).code()).isZero();
    }

    @Test
    void wrongUsageIsRefusedInOneLineAndNothingIsWritten() {
        Object[][] wrong = {
            {LORA, QV, "--weights", "1"},
            {LORA, "--rank", "2", "--energy", "0.5"},
            {LORA, "--energy", "1.5"},
            {LORA, "--weights", "NaN"},
            {LORA, "--rank", "0"}
        };
        for (Object[] words : wrong) {
            Object[] line = new Object[words.length + 5];
            line[0] = "combine";
            System.arraycopy(words, 0, line, 1, words.length);
            System.arraycopy(new Object[] {"--model", model, "--out", out}, 0, line, words.length + 1, 4);
            Outcome outcome = Outcome.of(line);
            assertThat(outcome.code()).as("%s", words).isEqualTo(2);
            assertThat(outcome.err().lines()).hasSize(1);
            assertThat(out).doesNotExist();
        }
    }

    @Test
    void adapterOfAnotherBaseIsUnfit() {
        Path other = TinyModel.RECORDED.resolveSibling("gpt2-tied").resolve("adapters/lora");
        Outcome outcome = Outcome.of("combine", LORA, other, "--model", model, "--out", out);
        assertThat(outcome.code()).isEqualTo(4);
        assertThat(out).doesNotExist();
    }

    /** The fingerprint tells models of equal shapes apart. */
    @Test
    void combinationIsBoundToItsBase() {
        Outcome.of("combine", LORA, QV, "--model", model, "--out", out);
        Path merged = folder.resolve("merged");
        Outcome merge = Outcome.of("merge", "--model", model, "--adapter", QV, "--out", merged);
        assertThat(merge.code()).as(merge.err()).isZero();
        Outcome outcome = Outcome.of("combine", out, LORA, "--model", merged, "--out", folder.resolve("other"));
        assertThat(outcome.code()).isEqualTo(4);
        assertThat(outcome.err()).contains("fingerprint");
    }

    @Test
    void mergeOfSeveralIsTheMergeOfTheirSum() {
        Path several = folder.resolve("several");
        Outcome made = Outcome.of(
                "merge", "--model", model, "--adapter", LORA, "--adapter", QV, "--weights", "1,0.5", "--out", several);
        assertThat(made.code()).as(made.err()).isZero();
        Outcome merged = Outcome.of("generate", "--model", several, "--prompt", "Hello");
        Outcome both = Outcome.of(
                "generate",
                "--model",
                model,
                "--adapter",
                LORA,
                "--adapter",
                QV,
                "--weights",
                "1,0.5",
                "--prompt",
                "Hello");
        assertThat(merged.out()).isEqualTo(both.out());
    }

    @Test
    void existingDirectoryIsNotOverwritten() {
        Outcome outcome = Outcome.of("combine", LORA, "--model", model, "--out", model);
        assertThat(outcome.code()).isNotZero();
        assertThat(outcome.err().lines()).hasSize(1);
    }
}
