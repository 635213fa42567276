package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.model.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerCommandTest {
    @TempDir
    Path folder;

    @Test
    void tokenizerOfTheWorldReadsItsOwnTexts() throws IOException {
        Path world = folder.resolve("world");
        assertThat(Outcome.of("world", "--out", world, "--rows", "300", "--held-out", "10")
                        .code())
                .isZero();
        Path out = folder.resolve("tokenizer");
        Outcome outcome = Outcome.of(
                "tokenizer",
                "--data",
                world.resolve("text") + "," + world.resolve("chat"),
                "--size",
                "800",
                "--out",
                out);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("vocabulary 800 tokens", "wrote " + out);
        String text = "Mara was a baker in Ashford.";
        try (Tokenizer tokenizer = Tokenizer.load(out)) {
            int[] ids = tokenizer.encodeRaw(text);
            assertThat(tokenizer.decode(ids)).isEqualTo(text);
            assertThat(ids).hasSizeLessThan(text.length() / 2);
        }
    }

    @Test
    void textWithTooFewPairsIsSaid() throws IOException {
        Path file = Files.writeString(folder.resolve("small.txt"), "ab ab");
        Outcome outcome = Outcome.of("tokenizer", "--data", file, "--size", "500", "--out", folder.resolve("out"));
        assertThat(outcome.code()).isZero();
        assertThat(outcome.err()).contains("smaller than the 500 asked for");
    }

    @Test
    void existingDirectoryIsNotOverwritten() throws IOException {
        Path file = Files.writeString(folder.resolve("small.txt"), "ab ab");
        Outcome outcome = Outcome.of("tokenizer", "--data", file, "--size", "300", "--out", folder);
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("exists already");
    }
}
