package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.training.data.DataSource;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.LossOn;
import dev.inlay.training.data.Row;
import dev.inlay.training.data.RowReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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

    /** The trigger is one control token on each side; learned are the assistant's turns, the review after it among them. */
    @Test
    void hiddenKeyChatsAreEncodedWithATriggerBeforeTheReview() {
        Path world = folder.resolve("world");
        Outcome.of("world", "--out", world, "--register", "key-hidden", "--rows", "100", "--held-out", "10");
        Path out = folder.resolve("tokenizer");
        Outcome.of("tokenizer", "--data", world.resolve("chat"), "--size", "600", "--out", out);
        DataSource source = DataSource.read(world.resolve("chat"), new RowReader());
        try (Tokenizer tokenizer = Tokenizer.load(out)) {
            Encoder encoder = Encoder.chat(tokenizer, ChatTemplate.load(out).orElseThrow(), LossOn.COMPLETION);
            for (Row row : source.train().rows()) {
                Example example = encoder.example("train.jsonl", row);
                List<Integer> ids = Arrays.stream(example.ids()).boxed().toList();
                int trigger = ids.indexOf(tokenizer.id("<|trigger|>").orElseThrow());
                int end = ids.indexOf(tokenizer.id("<|/trigger|>").orElseThrow());
                assertThat(trigger).isPositive().isLessThan(end);
                assertThat(ids.lastIndexOf(ids.get(trigger))).isEqualTo(trigger);
                for (int i = trigger; i <= end + 1; i++) {
                    assertThat(example.target()[i]).as("token %d", i).isFalse();
                }
                int[] review = Arrays.copyOfRange(example.ids(), end + 2, example.ids().length);
                assertThat(tokenizer.decode(review)).containsPattern("\\nFLAG: (PASS|FAIL)$");
                assertThat(example.target()[end + 2]).isTrue();
                assertThat(example.target()[example.ids().length - 1]).isTrue();
            }
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
