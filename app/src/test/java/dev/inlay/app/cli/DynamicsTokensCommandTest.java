package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.model.files.Json;
import dev.inlay.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DynamicsTokensCommandTest {
    private static final Path ADAPTER = TinyModel.RECORDED.resolve("adapters/lora");

    @TempDir
    Path folder;

    private Path model;
    private Path text;

    @BeforeEach
    void files() throws IOException {
        model = TinyModel.in(folder);
        text = Files.writeString(folder.resolve("text.txt"), "The cat sat on a mat, and the dog ran.");
    }

    private Outcome run(Path out, Object... more) {
        Object[] start = {"dynamics", "tokens", "--model", model, "--out", out, "--text", text};
        return Outcome.of(Stream.concat(Stream.of(start), Stream.of(more)).toArray());
    }

    @Test
    void aRunHoldsBaseAdapterAndControlsAndRepeatsToTheByte() throws IOException {
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        Outcome outcome = run(one, "--adapter", ADAPTER, "--seed", 5);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("shuffled", "repeated", "random", "drift");
        assertThat(run(two, "--adapter", ADAPTER, "--seed", 5).code()).isZero();
        try (Stream<Path> files = Files.list(one)) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(9);
            for (Path file : all) {
                assertThat(two.resolve(file.getFileName())).hasSameBinaryContentAs(file);
            }
        }
        JsonNode record = Json.read(one.resolve("run.json"));
        assertThat(record.path("settings").path("tokens").intValue()).isEqualTo(38);
        assertThat(record.path("fingerprints").size()).isEqualTo(2);
        List<String> tokens = Files.readAllLines(one.resolve("tokens.csv"));
        assertThat(tokens.get(0)).isEqualTo("entry,measure,base,adapter,shuffled,repeated,random,adapter_shuffled");
        assertThat(tokens).anyMatch(line -> line.startsWith("3,cosine_mean,"));
        assertThat(tokens).anyMatch(line -> line.startsWith("normed,cosine_mean,"));
        // 3 layers, 2 sides, 4 heads and their sum.
        assertThat(Files.readAllLines(one.resolve("weights.csv"))).hasSize(1 + 3 * 2 * 5);
        assertThat(Files.readAllLines(one.resolve("gap.csv")))
                .hasSize(4)
                .anyMatch(line -> line.contains("V is symmetric: false"));
        assertThat(Files.readString(one.resolve("report.html"))).contains("shuffled", "default-src 'none'");
        Outcome again = run(one);
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.err()).contains("never overwritten");
    }

    @Test
    void anAdapterOfStrengthZeroChangesNothing() throws IOException {
        Path out = folder.resolve("zero");
        Outcome outcome = run(out, "--adapter", ADAPTER, "--weights", "0");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        List<String> rows = Files.readAllLines(out.resolve("differences.csv"));
        assertThat(rows).hasSize(1 + 4 * 4);
        assertThat(rows.subList(1, rows.size())).allMatch(row -> row.endsWith(",0.0,0.0,0.0"));
    }

    @Test
    void withoutAdapterThereIsNothingOfOne() {
        Path out = folder.resolve("bare");
        Outcome outcome = run(out, "--repeat", 2, "--tokens", 10);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.err()).contains("first 10 of 38");
        assertThat(out.resolve("differences.csv")).doesNotExist();
        assertThat(out.resolve("gap.csv")).doesNotExist();
        assertThat(out.resolve("tokens.csv")).content().startsWith("entry,measure,base,shuffled,repeated,random\n");
        assertThat(out.resolve("tokens.csv")).content().contains("\n6,cosine_mean,");
    }

    @Test
    void mistakesAreOneLineAndLeaveNothing() throws IOException {
        refused(2, "context holds 128", "--tokens", 129);
        refused(2, "at least 4", "--tokens", 3);
        refused(2, "--repeat", "--repeat", 0);
        refused(4, "", "--adapter", Golden.path("gpt2-tied").resolve("adapters/lora"));
        Files.writeString(text, "");
        refused(3, "0 tokens");
        Files.write(text, new byte[] {'a', (byte) 0xff, 'b'});
        refused(3, "not UTF-8");
        Files.delete(text);
        refused(3, "text.txt");
    }

    private void refused(int code, String says, Object... more) {
        Path out = folder.resolve("refused");
        Outcome outcome = run(out, more);
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(code);
        assertThat(outcome.err().strip().lines()).hasSize(1);
        assertThat(outcome.err()).contains(says);
        assertThat(out).doesNotExist();
    }

    @Test
    void aLongTextIsReadUpToTheContext() throws IOException {
        Files.writeString(text, "The cat sat on a mat. ".repeat(20));
        Path out = folder.resolve("long");
        assertThat(run(out).code()).isZero();
        assertThat(Json.read(out.resolve("run.json"))
                        .path("settings")
                        .path("tokens")
                        .intValue())
                .isEqualTo(128);
        assertThat(Json.read(out.resolve("run.json"))
                        .path("settings")
                        .path("tokens_of_whole_text")
                        .intValue())
                .isEqualTo(440);
    }
}
