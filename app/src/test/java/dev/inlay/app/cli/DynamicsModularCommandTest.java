package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.model.files.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DynamicsModularCommandTest {
    private static final String ARMS = "lora value;random value;orthogonal value;full;full value;lora query key;"
            + "lora value on untied;lora value on short-steps;lora value on mixed";

    @TempDir
    Path folder;

    private static Outcome of(Path out, double accuracy, String... more) {
        List<String> words = new ArrayList<>(List.of("dynamics", "modular"));
        words.addAll(List.of("--modulus", "5", "--width", "12", "--depths", "1,2", "--seeds", "2", "--rank", "2"));
        words.addAll(List.of("--accuracy", String.valueOf(accuracy), "--base-epochs", "300", "--epochs", "12"));
        words.addAll(Arrays.asList(more));
        words.addAll(List.of("--out", out.toString()));
        return Outcome.of(words.toArray());
    }

    private static void assertSameFiles(Path one, Path two) throws IOException {
        for (String name :
                List.of("modular.csv", "curves.csv", "layers.csv", "spectra.csv", "fits.json", "report.html")) {
            assertThat(two.resolve(name)).hasSameBinaryContentAs(one.resolve(name));
        }
    }

    @Test
    void everyArmIsARowAndThreadsAndInterruptionsChangeNothing() throws IOException {
        Path whole = folder.resolve("whole");
        Outcome first = of(whole, 0.4, "--arms", ARMS, "--threads", "2");
        assertThat(first.err()).isEmpty();
        assertThat(first.code()).isZero();
        assertThat(Files.readAllLines(whole.resolve("modular.csv"))).hasSize(1 + 9 * 4);
        Path stopped = folder.resolve("stopped");
        Files.createDirectories(stopped.resolve("cells"));
        Files.copy(whole.resolve("run.json"), stopped.resolve("run.json"));
        try (Stream<Path> cells = Files.list(whole.resolve("cells"))) {
            for (Path cell : cells.sorted().limit(7).toList()) {
                Files.copy(cell, stopped.resolve("cells").resolve(cell.getFileName()));
            }
        }
        assertThat(of(stopped, 0.4, "--arms", ARMS, "--threads", "1").code()).isZero();
        assertSameFiles(whole, stopped);
        Outcome again = of(whole, 0.4, "--arms", ARMS);
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.err()).contains("finished");
        assertThat(of(whole, 0.4, "--arms", "full").err()).contains("other settings");
    }

    @Test
    void basesThatAreNotGoodEnoughAreReported() throws IOException {
        Path out = folder.resolve("failed");
        Outcome outcome = of(out, 1);
        assertThat(outcome.code()).isZero();
        assertThat(outcome.out()).contains("4 of 4 cells have no base");
        List<String> rows = Files.readAllLines(out.resolve("modular.csv"));
        assertThat(rows.subList(1, 5)).allMatch(row -> row.contains("base-not-reached,300,"));
        // What never happened is empty, not 0.
        assertThat(rows.get(1).split(",")).hasSizeLessThanOrEqualTo(7);
        JsonNode fit = Json.read(out.resolve("fits.json")).get(0);
        assertThat(fit.path("cells").asInt()).isZero();
        assertThat(fit.path("slope").has("value")).isFalse();
    }

    @Test
    void mistakesAreOneLine() {
        Path out = folder.resolve("never");
        for (String[] wrong : new String[][] {
            {"--arms", "lora"},
            {"--arms", "random value"},
            {"--arms", "lora values"},
            {"--arms", "lora value on sand"},
            {"--depths", "2,2"},
            {"--depths", "0"},
            {"--rank", "49"},
            {"--share", "0"},
            {"--size", "huge"},
            {"--seeds", "0"},
            {"--accuracy", "1.5"},
            {"--alpha", "NaN"},
            {"--rate", "-1"}
        }) {
            Outcome outcome = Outcome.of(
                    Stream.concat(Stream.of("dynamics", "modular", "--out", out), Stream.of((Object[]) wrong))
                            .toArray());
            assertThat(outcome.code()).as("%s", Arrays.toString(wrong)).isEqualTo(2);
            assertThat(outcome.err().strip().lines()).hasSize(1);
        }
        assertThat(out).doesNotExist();
    }

    @Test
    void settingsComeFromAFileToo() throws IOException {
        Path file = folder.resolve("modular.yaml");
        Files.writeString(
                file,
                "modulus: 5\nwidth: 12\ndepths: [1]\nseeds: 1\naccuracy: 0.3\nbase-epochs: 300\nepochs: 4\n"
                        + "arms: [lora value, full]\n");
        Path out = folder.resolve("of-file");
        Outcome outcome = Outcome.of("dynamics", "modular", "--config", file, "--out", out);
        assertThat(outcome.err()).isEmpty();
        assertThat(Json.read(out.resolve("run.json")).path("settings").path("arms"))
                .hasSize(2);
    }
}
