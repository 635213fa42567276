package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogitsCommandTest {
    private static final Path MODEL = TinyModel.RECORDED.resolve("model");

    @TempDir
    Path folder;

    @Test
    void shorterRowsEndInZerosAndHaveTheirLength() throws IOException {
        Path out = folder.resolve("logits.safetensors");
        Outcome outcome = Outcome.of("logits", "--model", MODEL, "--tokens", tokens("[[5, 6, 7], [5]]"), "--out", out);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("[2, 3, 96]");
        try (Scope scope = Scope.open()) {
            Map<String, Tensor> file = Golden.tensors(out);
            assertThat(file.get("logits").shape()).containsExactly(2, 3, 96);
            assertThat(file.get("lengths").toLongs()).containsExactly(3, 1);
            float[] all = file.get("logits").toFloats();
            float[] firstOfFirst = Arrays.copyOfRange(all, 0, 96);
            float[] firstOfSecond = Arrays.copyOfRange(all, 3 * 96, 4 * 96);
            assertThat(firstOfSecond)
                    .containsExactly(firstOfFirst, Offset.offset(1e-5f))
                    .doesNotContain(0f);
            assertThat(Arrays.copyOfRange(all, 4 * 96, 6 * 96)).containsOnly(0f);
        }
    }

    @Test
    void numberOfThreadsChangesNoByte() throws IOException {
        Path tokens = tokens("[[5, 6, 7], [5], [9, 8, 7, 6, 5, 4], [10, 11], [12]]");
        byte[] expected = null;
        for (int threads : new int[] {1, 2, 3, 8}) {
            Path out = folder.resolve(threads + ".safetensors");
            Outcome outcome =
                    Outcome.of("logits", "--model", MODEL, "--tokens", tokens, "--out", out, "--threads", threads);
            assertThat(outcome.code()).as(outcome.err()).isZero();
            byte[] bytes = Files.readAllBytes(out);
            expected = expected == null ? bytes : expected;
            assertThat(bytes).isEqualTo(expected);
        }
    }

    @Test
    void adapterLogitsDifferFromTheBare() throws IOException {
        Path tokens = tokens("[[5, 6, 7]]");
        Path bare = folder.resolve("bare.safetensors");
        Path adapted = folder.resolve("adapted.safetensors");
        Path adapter = TinyModel.RECORDED.resolve("adapters/lora");
        assertThat(Outcome.of("logits", "--model", MODEL, "--tokens", tokens, "--out", bare)
                        .code())
                .isZero();
        Outcome outcome =
                Outcome.of("logits", "--model", MODEL, "--adapter", adapter, "--tokens", tokens, "--out", adapted);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(adapted).isRegularFile();
        assertThat(Files.mismatch(bare, adapted)).isNotNegative();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "[]", "[[]]", "[[1], 2]", "[[1.5]]", "[[\"1\"]]", "[[-1]]", "[[96]]", "[[99999999999]]"})
    void badTokensAreBadDataAndNothingIsWritten(String json) throws IOException {
        Path out = folder.resolve("logits.safetensors");
        Outcome outcome = Outcome.of("logits", "--model", MODEL, "--tokens", tokens(json), "--out", out);
        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.err().lines()).hasSize(1);
        try (var left = Files.list(folder)) {
            assertThat(left).hasSize(1);
        }
    }

    private Path tokens(String json) throws IOException {
        return Files.writeString(folder.resolve("ids.json"), json);
    }
}
