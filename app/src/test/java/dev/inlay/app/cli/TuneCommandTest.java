package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TuneCommandTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path folder;

    private Path model;
    private Path data;

    @BeforeEach
    void lay() throws IOException {
        model = TinyModel.in(folder);
        data = TinyData.in(folder, 40);
    }

    private Outcome run(String command, Object... more) {
        List<Object> all = new ArrayList<>(List.of(
                command, "--model", model, "--data", data, "--rank", 4, "--steps", 6, "--batch", 8, "--threads", 2));
        all.addAll(Arrays.asList(more));
        return Outcome.of(all.toArray());
    }

    /** The first seed of each rate is the adapter that train would make. */
    @Test
    void eachRateEndsWhereTrainEnds() throws IOException {
        Outcome outcome = run("tune", "--rates", "1e-4,0.02", "--seeds", 2, "--json");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        JsonNode tuned = JSON.readTree(outcome.out());
        assertThat(tuned.path("results")).hasSize(4);
        Set<Long> seeds = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            JsonNode row = tuned.path("results").get(i);
            seeds.add(row.path("init_seed").asLong());
            if (i % 2 == 0) {
                Outcome train = run(
                        "train",
                        "--learning-rate",
                        row.path("rate").asText(),
                        "--out",
                        folder.resolve("run" + i),
                        "--json");
                assertThat(row.path("validation").asDouble())
                        .isCloseTo(validation(folder.resolve("run" + i)), within(1e-12));
                assertThat(train.code()).isZero();
            }
        }
        assertThat(seeds).hasSize(2);
        assertThat(tuned.path("best").asDouble()).isEqualTo(0.02);
    }

    /** The last that the run's metrics have. */
    private static double validation(Path run) throws IOException {
        double loss = Double.NaN;
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            JsonNode metric = JSON.readTree(line);
            loss = metric.path("event").asText().equals("eval")
                    ? metric.path("loss").asDouble()
                    : loss;
        }
        return loss;
    }

    @Test
    void theTableAndWhatToDoNextAreShownAndNothingIsWritten() throws IOException {
        Outcome outcome = run("tune", "--rates", "1e-4,1e-3,0.02");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .containsSubsequence(
                        "Data",
                        "Memory plan",
                        "validation",
                        "1.0e-04",
                        "best: --learning-rate 0.02",
                        "next: inlay train")
                .contains("try others beyond it");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(path -> String.valueOf(path.getFileName())))
                    .containsExactlyInAnyOrder("model", String.valueOf(data.getFileName()));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--learning-rate, 0.1; leave out --learning-rate",
                "--out, x; leave out --out",
                "--rates, 0; must be a positive number",
                "--seeds, 0; at least 1",
                "--eval-share, 0; no rows are held out"
            })
    void whatMakesNoSenseIsWrongUsage(String words, String message) {
        Outcome outcome = run("tune", (Object[]) words.split(", ", -1));
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains(message);
    }
}
