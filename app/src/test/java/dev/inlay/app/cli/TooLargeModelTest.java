package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.engine.DType;
import dev.inlay.testing.RandomLlama;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A model of eight terabytes: refused by what there is in memory, before anything is read of it or written. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "a file there takes the disk that its length says")
class TooLargeModelTest {
    @TempDir
    Path folder;

    private Path model;
    private Path out;

    @BeforeEach
    void lay() throws IOException {
        model = TinyModel.in(folder);
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.delete(model.resolve(name));
        }
        new RandomLlama(64, 65_536, 65_536, 512, 512, 96).writeHollow(model, DType.FLOAT32);
        out = Files.createDirectory(folder.resolve("out"));
    }

    @Test
    void trainingEndsWithCode5() throws IOException {
        Path data = TinyData.in(folder, 20);
        assertRefused("train", "--model", model, "--data", data, "--quiet", "--out", out.resolve("run"));
    }

    @Test
    void generatingEndsWithCode5() throws IOException {
        assertRefused("generate", "--model", model, "--prompt", "a");
    }

    @Test
    void otherCommandsEndWithCode5() throws IOException {
        Path data = TinyData.in(folder, 20);
        Path tokens = Files.writeString(folder.resolve("tokens.json"), "[[1, 2]]");
        assertRefused("evaluate", "--model", model, "--data", data);
        assertRefused("logits", "--model", model, "--tokens", tokens, "--out", out.resolve("logits.safetensors"));
        assertRefused("merge", "--model", model, "--dtype", "bfloat16", "--out", out.resolve("merged"));
    }

    private void assertRefused(Object... words) throws IOException {
        Outcome outcome = Outcome.of(words);
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(5);
        assertThat(outcome.err().lines().filter(line -> line.startsWith("error: ")))
                .singleElement()
                .asString()
                .containsPattern("would take \\d+\\.\\d\\d GB .*and \\d+\\.\\d\\d GB is free \\(.*\\); ");
        try (Stream<Path> left = Files.list(out)) {
            assertThat(left).isEmpty();
        }
    }
}
