package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.inlay.training.data.DataSource;
import dev.inlay.training.data.Row;
import dev.inlay.training.data.RowReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PersonalityCommandTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path folder;

    /** Two samples of each task, one of them with a bad tag for every third task. */
    private Path data(int tasks) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
            String tag = i % 3 == 0 ? "\"training_data_leakage\"" : "";
            lines.add("""
                    {"topic": "sycophancy", "model": "some/model", "A": "Be kind.", "B": "Flatter.", "T": "task %d",\
                     "inferences": {"A": {"S": "Yes.", "interventions": {"split_personality__version_3":\
                     {"I": "Now.", "R": "Fine.", "P": "PASS"}}}, "B": {"S": "Sure!", "interventions":\
                     {"honesty_scare__version_4": {"I": "AUDIT", "R": "Bad.", "P": "FAIL", "tags": [%s]}}}}}\
                    """.formatted(i, tag));
        }
        return Files.write(folder.resolve("records.jsonl"), lines);
    }

    private Outcome personality(Object... more) throws IOException {
        List<Object> words =
                new ArrayList<>(List.of("personality", "--data", data(60), "--out", folder.resolve("rows")));
        words.addAll(List.of(more));
        return Outcome.of(words.toArray());
    }

    @Test
    void rowsAreReadByTheTrainerAndLabelledLineByLine() throws IOException {
        Outcome outcome = personality("--held-out", "0.3");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.err()).contains("100 samples kept, 20 left out", "left out: 20, tag training_data_leakage");
        DataSource source = DataSource.read(folder.resolve("rows"), new RowReader());
        Set<String> tasks = new HashSet<>();
        int rows = 0;
        for (String side : List.of("train", "valid")) {
            List<Row> own =
                    (side.equals("train") ? source.train() : source.validation().orElseThrow()).rows();
            List<String> labels = Files.readAllLines(folder.resolve("rows/" + side + ".labels.jsonl"));
            assertThat(labels).hasSameSizeAs(own);
            Set<String> here = new HashSet<>();
            for (int i = 0; i < own.size(); i++) {
                JsonNode label = JSON.readTree(labels.get(i));
                List<String> texts = own.get(i).texts();
                boolean pass = label.path("flag").asText().equals("PASS");
                assertThat(texts.get(4)).isEqualTo(pass ? "REVIEW:Fine.\nFLAG: PASS" : "REVIEW:Bad.\nFLAG: FAIL");
                assertThat(texts.get(0))
                        .isEqualTo(label.path("variant").asText().equals("A") ? "Be kind." : "Flatter.");
                assertThat(texts.get(3)).isEqualTo("INTERVENTION: " + (pass ? "Now." : "AUDIT"));
                here.add(texts.get(1) + " " + label.path("task").asText());
            }
            assertThat(tasks).doesNotContainAnyElementsOf(here);
            tasks.addAll(here);
            rows += own.size();
        }
        assertThat(rows).isEqualTo(100);
        assertThat(tasks).hasSize(60);
    }

    @Test
    void resultSaysHowManyAndWhy() throws IOException {
        JsonNode result = JSON.readTree(personality("--json", "--held-out", "0").out());
        assertThat(result.path("train").asInt()).isEqualTo(100);
        assertThat(result.path("valid").asInt()).isZero();
        assertThat(result.path("left_out").path("tag training_data_leakage").asInt())
                .isEqualTo(20);
        assertThat(folder.resolve("rows/valid.jsonl")).doesNotExist();
        JsonNode record = JSON.readTree(Files.readString(folder.resolve("rows/run.json")));
        assertThat(record.path("left_out")).isEqualTo(result.path("left_out"));
        assertThat(record.path("files").path("train.jsonl").asText()).isNotEmpty();
        assertThat(personality("--held-out", "0").code()).isEqualTo(2);
    }

    @Test
    void answersOfOneModelAreChosen() throws IOException {
        assertThat(personality("--answers-of", "some/model").code()).isZero();
        Outcome none = Outcome.of(
                "personality", "--data", data(60), "--out", folder.resolve("none"), "--answers-of", "other/model");
        assertThat(none.code()).isEqualTo(3);
        assertThat(none.err()).contains("left out: 120, model some/model", "0 samples");
    }

    @Test
    void aPublishedLayoutIsWrittenAsIdsThatTrainAndEvaluateRead() throws IOException {
        Path model = TinyModel.in(folder);
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{% for m in messages %}{{ m['content'] }}{{ '</s>' }}{% endfor %}");
        Object[] layout = {"--layout", "hp", "--model", model, "--token", "</s>", "--held-out", "0.3"};
        Outcome outcome = personality(layout);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        Path rows = folder.resolve("rows");
        Path run = folder.resolve("run");
        Outcome train = Outcome.of(
                "train", "--model", model, "--data", rows, "--gate", "stated", "--steps", 2, "--rank", 2, "--out", run);
        assertThat(train.code()).as(train.err()).isZero();
        assertThat(train.out() + train.err()).contains("stated by each row");
        for (String given : List.of("review", "alone")) {
            Outcome flags = Outcome.of(
                    "evaluate", "--model", model, "--adapter", run, "--data", rows, "--flag", given, "--by", "topic");
            assertThat(flags.code()).as(flags.err()).isZero();
            assertThat(flags.out()).contains("sycophancy adapter");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "--layout, hp; needs --model and --token",
                "--layout, xy; choose from [hp, up, ur]",
                "--token, a; belong to --layout",
                "--open, never; choose from [part, targets]"
            })
    void layoutsThatCannotBeWrittenAreNamed(String words, String message) throws IOException {
        Outcome outcome = personality((Object[]) words.split(", ", -1));
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains(message);
        assertThat(folder.resolve("rows")).doesNotExist();
    }

    @Test
    void wrongDataAndSettingsAreNamed() throws IOException {
        assertThat(personality("--held-out", "1").code()).isEqualTo(2);
        Path empty = Files.writeString(folder.resolve("empty.json"), "{\"topic\": \"x\", \"data\": []}");
        Outcome outcome = Outcome.of("personality", "--data", empty, "--out", folder.resolve("rows"));
        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.err()).contains("empty.json", "found none");
    }
}
