package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.model.files.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportCommandTest {
    @TempDir
    Path folder;

    @Test
    void trainedRunHasItsReportAndTheCommandWritesItAgain() throws IOException {
        Path run = folder.resolve("run");
        Outcome trained = train(run, "--json");
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(Json.read(run.resolve("result.json"))).isEqualTo(Json.parse(trained.out(), "output"));
        String first = Files.readString(run.resolve("report.html"));
        assertThat(first).contains("3 of 3", "class=\"learned\"", "Best validation loss");
        Files.delete(run.resolve("report.html"));
        Outcome outcome = Outcome.of("report", run);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).isEqualTo("wrote " + run.resolve("report.html") + System.lineSeparator());
        assertThat(run.resolve("report.html")).hasContent(first);
    }

    @Test
    void descriptionCountsWhatIsTrained() throws IOException {
        Path run = folder.resolve("run");
        assertThat(train(run).code()).isZero();
        long described = 0;
        JsonNode description = Json.read(run.resolve("description.json"));
        for (JsonNode modules : description.path("modules")) {
            described += modules.path("parameters").asLong();
        }
        JsonNode start =
                Json.parse(Files.readAllLines(run.resolve("metrics.jsonl")).get(0), "start");
        assertThat(described).isPositive().isEqualTo(start.path("parameters").asLong());
        assertThat(description.path("example").path("tokens").asInt()).isGreaterThan(20);
        assertThat(description.path("data").findValuesAsText("name")).startsWith("training", "validation");
    }

    @Test
    void severalRunsAreComparedInAFileThatMustBeNamed() throws IOException {
        Path one = folder.resolve("one");
        Path other = folder.resolve("other");
        train(one);
        train(other, "--init-seed", 3);
        Outcome unnamed = Outcome.of("report", one, other);
        assertThat(unnamed.code()).isEqualTo(2);
        assertThat(unnamed.err()).contains("2 runs are compared", "try: --out comparison.html");
        Path page = folder.resolve("comparison.html");
        Outcome outcome = Outcome.of("report", one, other, "--out", page, "--json");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(Json.parse(outcome.out(), "output").path("runs").asInt()).isEqualTo(2);
        assertThat(page).content().contains("seeds.initialisation").doesNotContain("settings.rank");
    }

    @Test
    void directoryThatIsNoRunIsRefused() {
        Outcome outcome = Outcome.of("report", folder);
        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.err()).contains("expected the directory of a training run", "found no run.json");
        assertThat(folder.resolve("report.html")).doesNotExist();
    }

    private Outcome train(Path run, Object... more) throws IOException {
        Path model = folder.resolve("model");
        if (Files.notExists(model)) {
            TinyModel.in(folder);
        }
        Path data = TinyData.in(folder, 40);
        List<Object> words = new ArrayList<>(List.of("train", "--quiet", "--model", model, "--data", data));
        words.addAll(List.of("--batch", 4, "--rank", 4, "--steps", 4, "--out", run));
        words.addAll(List.of(more));
        return Outcome.of(words.toArray());
    }
}
