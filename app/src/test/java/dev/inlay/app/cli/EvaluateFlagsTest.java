package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code inlay evaluate --flag}. */
class EvaluateFlagsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Path ADAPTER = TinyModel.RECORDED.resolve("adapters/lora");
    private static final String TEMPLATE =
            "{% for m in messages %}{{ m['role'] + ': ' + m['content'] }}{% if not loop.last"
                    + " %}{{ '\\n' }}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '\\nassistant: ' }}{% endif %}";

    @TempDir
    Path folder;

    private Path model;
    private Path data;

    @BeforeEach
    void lay() throws IOException {
        model = TinyModel.in(folder);
        Files.writeString(model.resolve("chat_template.jinja"), TEMPLATE);
        List<String> rows = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String flag = i % 3 == 0 ? "FAIL" : "PASS";
            rows.add(row("key " + i, "The key is " + (i % 4) + ".", "FLAG: " + flag));
            labels.add("{\"register\": \"" + (i < 6 ? "key-read" : "key-hidden") + "\", \"key\": " + i % 4 + "}");
        }
        data = Files.write(folder.resolve("keys.jsonl"), rows);
        Files.write(folder.resolve("keys.labels.jsonl"), labels);
    }

    private static String row(String asked, String review, String flag) {
        String end = review.isEmpty() ? flag : review + "\\n" + flag;
        return "{\"messages\": [{\"role\": \"user\", \"content\": \"" + asked
                + "\"}, {\"role\": \"assistant\", \"content\": \"" + end + "\"}]}";
    }

    private Outcome evaluate(Object... more) {
        List<Object> words = new ArrayList<>(List.of("evaluate", "--model", model, "--data", data));
        words.addAll(List.of(more));
        return Outcome.of(words.toArray());
    }

    @Test
    void measuresFollowFromTheLogitsOfTheRows() throws IOException {
        Outcome outcome = evaluate("--flag", "review", "--adapter", ADAPTER, "--json", "--per-row");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        List<String> lines = outcome.out().lines().toList();
        assertThat(lines).hasSize(13);
        JsonNode summary = JSON.readTree(lines.get(12));
        assertThat(summary.path("rows").asInt()).isEqualTo(12);
        for (String who : List.of("base", "adapter")) {
            double above = 0;
            int failsRight = 0;
            for (JsonNode fail : rows(lines, "FAIL")) {
                failsRight += fail.path(who + "_logit").asDouble() > 0 ? 1 : 0;
                for (JsonNode pass : rows(lines, "PASS")) {
                    above += fail.path(who + "_logit").asDouble()
                                    > pass.path(who + "_logit").asDouble()
                            ? 1
                            : 0;
                }
            }
            JsonNode measures = summary.path(who);
            assertThat(measures.path("fails").asInt()).isEqualTo(4);
            assertThat(measures.path("passes").asInt()).isEqualTo(8);
            assertThat(measures.path("auroc").asDouble()).isCloseTo(above / 32, within(1e-9));
            assertThat(measures.path("fail_right").asDouble()).isCloseTo(failsRight / 4.0, within(1e-9));
            assertThat(measures.path("auroc_interval")).hasSize(2);
        }
        assertThat(summary.path("adapter")).isNotEqualTo(summary.path("base"));
    }

    private static List<JsonNode> rows(List<String> lines, String flag) throws IOException {
        List<JsonNode> rows = new ArrayList<>();
        for (String line : lines.subList(0, 12)) {
            JsonNode row = JSON.readTree(line);
            if (row.path("flag").asText().equals(flag)) {
                rows.add(row);
            }
        }
        return rows;
    }

    @Test
    void labelsPutRowsTogether() throws IOException {
        Outcome outcome = evaluate("--flag", "alone", "--by", "register");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .containsPattern("base +4 +8 ")
                .containsPattern("key-hidden base +2 +4 ")
                .containsPattern("key-read base +2 +4 ");
        JsonNode groups = JSON.readTree(
                        evaluate("--flag", "alone", "--by", "key", "--json").out())
                .path("groups");
        assertThat(groups.path("3").path("base").path("fails").asInt()).isEqualTo(1);
    }

    /** Only intervals change. */
    @Test
    void rowsOfATaskAreDrawnTogether() throws IOException {
        JsonNode apart = JSON.readTree(evaluate("--flag", "alone", "--json").out());
        JsonNode together = JSON.readTree(
                evaluate("--flag", "alone", "--json", "--task", "key").out());
        assertThat(together.path("base").path("auroc"))
                .isEqualTo(apart.path("base").path("auroc"));
        assertThat(together.path("base")).isNotEqualTo(apart.path("base"));
    }

    @Test
    void flagAloneDoesNotSeeTheReview() throws IOException {
        Files.write(data, List.of(row("key", "It is one.", "FLAG: PASS"), row("key", "It is another.", "FLAG: FAIL")));
        List<String> alone = evaluate("--flag", "alone", "--per-row", "--quiet")
                .out()
                .lines()
                .toList();
        assertThat(Double.parseDouble(logit(alone.get(1))))
                .isCloseTo(Double.parseDouble(logit(alone.get(2))), within(1e-5));
        List<String> review = evaluate("--flag", "review", "--per-row", "--quiet")
                .out()
                .lines()
                .toList();
        assertThat(review.get(0)).isEqualTo("row,line,flag,base_logit");
        assertThat(Double.parseDouble(logit(review.get(1))))
                .isNotCloseTo(Double.parseDouble(logit(review.get(2))), within(1e-3));
    }

    private static String logit(String line) {
        return line.substring(line.lastIndexOf(',') + 1);
    }

    @Test
    void rowsWithoutAFlagAreCounted() throws IOException {
        Files.write(
                data,
                List.of(
                        row("key", "It is one.", "FLAG: PASS"),
                        row("key", "It is one.", "FLAG: MAYBE"),
                        row("key", "", "It says FLAG: PASS")));
        Outcome outcome = evaluate("--flag", "review");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.err()).contains("1 rows with a flag, 2 without");
        Files.write(data, List.of(row("key", "", "It is one.")));
        Outcome none = evaluate("--flag", "review");
        assertThat(none.code()).isEqualTo(3);
        assertThat(none.err()).contains("FLAG: PASS or FLAG: FAIL");
    }

    @Test
    void wrongUseIsNamed() throws IOException {
        Outcome lonely = evaluate("--by", "register");
        assertThat(lonely.code()).isEqualTo(2);
        assertThat(lonely.err()).contains("--flag");
        Outcome unknown = evaluate("--flag", "review", "--by", "nothing");
        assertThat(unknown.code()).isEqualTo(3);
        assertThat(unknown.err()).contains("keys.labels.jsonl line 1", "nothing", "register");
        Files.write(folder.resolve("keys.labels.jsonl"), List.of("{\"register\": \"key-read\"}"));
        assertThat(evaluate("--flag", "review", "--by", "register").err()).contains("no line 2");
        Files.delete(folder.resolve("keys.labels.jsonl"));
        assertThat(evaluate("--flag", "review", "--by", "register").code()).isEqualTo(3);
    }

    @Test
    void longRowsFollowThePolicy() throws IOException {
        Files.write(
                data, List.of(row("key", "word ".repeat(40), "FLAG: PASS"), row("key", "It is one.", "FLAG: FAIL")));
        Outcome refused = evaluate("--flag", "review");
        assertThat(refused.code()).isEqualTo(3);
        assertThat(refused.err()).contains("line 1", "overflow: drop");
        assertThat(evaluate("--flag", "review", "--overflow", "drop").err()).contains("1 dropped as too long");
    }
}
