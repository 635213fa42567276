package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.inlay.engine.Scope;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.training.data.Encoder;
import dev.inlay.training.data.Example;
import dev.inlay.training.data.LossOn;
import dev.inlay.training.data.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters that act from a trigger on, from data to text. */
class GateCommandsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path folder;

    private Path model;
    private Path data;
    private String gate = "trigger:ab?";

    @BeforeEach
    void lay() throws IOException {
        model = TinyModel.in(folder);
        data = folder.resolve("rows.jsonl");
        Files.write(data, rows(30, "ab?"));
    }

    private static List<String> rows(int count, String trigger) {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add("{\"prompt\": \"" + "cdefgh".substring(i % 4) + trigger + "x\", \"completion\": \"yes\"}");
        }
        return rows;
    }

    private Outcome train(Object... more) {
        List<Object> all = new ArrayList<>(List.of(
                "train",
                "--model",
                model,
                "--data",
                data,
                "--rank",
                4,
                "--gate",
                gate,
                "--steps",
                6,
                "--learning-rate",
                "0.02",
                "--batch",
                8,
                "--threads",
                2,
                "--seed",
                3));
        all.addAll(Arrays.asList(more));
        return Outcome.of(all.toArray());
    }

    @Test
    void whatIsTrainedBehindATriggerIsUsedBehindIt() throws IOException {
        Path run = folder.resolve("run");
        Outcome outcome = train("--out", run);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .containsSubsequence(
                        "Data",
                        "\u25B8",
                        "Adapter",
                        "Gate",
                        "trigger \"ab?\" [3, 4, ",
                        "opens in",
                        "tokens (",
                        "times less than whole rows (--prefixes keep)",
                        "Memory plan",
                        "of keys and values, kept beside that",
                        "Done",
                        "re-loaded    21/21 modules",
                        "interference none: keys, values and logits of ");
        JsonNode config =
                JSON.readTree(run.resolve("adapter/adapter_config.json").toFile());
        assertThat(config.path("alora_invocation_tokens").size()).isEqualTo(3);
        assertThat(Outcome.of("info", run.resolve("adapter"), "--model", model).out())
                .contains("gate         trigger \"ab?\"");
        Outcome with = generate(run, "cdab?x");
        assertThat(with.code()).as(with.err()).isZero();
        Outcome without = generate(run, "cdx");
        assertThat(without.code()).isEqualTo(3);
        assertThat(without.err())
                .contains("\"ab?\"")
                .contains("does not occur in the")
                .hasLineCount(1);
        Outcome merged = Outcome.of("merge", "--model", model, "--adapter", run, "--out", folder.resolve("merged"));
        assertThat(merged.code()).isEqualTo(4);
        assertThat(merged.err()).contains("acts on all");
    }

    private Outcome generate(Path run, String prompt) {
        return Outcome.of(
                "generate", "--model", model, "--adapter", run, "--prompt", prompt, "--max-tokens", 3, "--quiet");
    }

    @Test
    void evaluationAndTrainingAgreeForEveryWayOfTakingBeginnings() throws IOException {
        List<Double> losses = new ArrayList<>();
        for (String how : List.of("keep", "read", "whole")) {
            Path run = folder.resolve(how);
            Outcome outcome = train("--out", run, "--prefixes", how, "--json", "--quiet");
            assertThat(outcome.code()).as(outcome.err()).isZero();
            JsonNode result = JSON.readTree(outcome.out());
            losses.add(result.path("validation_loss").asDouble());
            assertThat(losses.get(0))
                    .isLessThan(result.path("base_validation_loss").asDouble());
        }
        assertThat(losses.get(1))
                .isCloseTo(losses.get(0), within(1e-5)); // other neighbours in products, other last bits
        assertThat(losses.get(2)).isCloseTo(losses.get(0), within(1e-4));
    }

    @Test
    void thePlanCountsWhatTheGateSaves() throws IOException {
        JsonNode keep = planned("keep");
        JsonNode whole = planned("whole");
        // Four beginnings, however many rows: 6, 5, 4 and 3 letters, a token each; keys and values of 3 layers, 2 heads
        // of 12.
        assertThat(keep.path("prefix_bytes").asLong()).isEqualTo((6 + 5 + 4 + 3) * 2L * 3 * 2 * 12 * Float.BYTES);
        assertThat(whole.path("prefix_bytes").asLong()).isZero();
        assertThat(keep.path("tokens").asLong()).isEqualTo(whole.path("tokens").asLong());
    }

    private JsonNode planned(String how) throws IOException {
        Outcome outcome = train("--prefixes", how, "--dry-run", "--json", "--quiet");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        return JSON.readTree(outcome.out());
    }

    @Test
    void prefixesInFilesServeTheNextRun() throws IOException {
        Path files = folder.resolve("prefixes");
        List<Double> losses = new ArrayList<>();
        List<FileTime> written = new ArrayList<>();
        for (String name : List.of("first", "second")) {
            Path run = folder.resolve(name);
            Outcome outcome = train("--out", run, "--prefix-files", files, "--json", "--quiet");
            assertThat(outcome.code()).as(outcome.err()).isZero();
            losses.add(JSON.readTree(outcome.out()).path("validation_loss").asDouble());
            try (Stream<Path> all = Files.list(files)) {
                Path one = all.filter(path -> path.toString().endsWith(".safetensors"))
                        .sorted()
                        .findFirst()
                        .orElseThrow();
                written.add(Files.getLastModifiedTime(one));
            }
        }
        assertThat(losses.get(1)).isCloseTo(losses.get(0), within(1e-5));
        assertThat(written.get(1)).isEqualTo(written.get(0));
        Outcome other = train(
                "--out", folder.resolve("third"), "--prefix-files", files, "--prefix-type", "bfloat16", "--quiet");
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).contains("another model or type").hasLineCount(1);
        Outcome useless = train("--out", folder.resolve("fourth"), "--prefix-files", files, "--prefixes", "read");
        assertThat(useless.code()).isEqualTo(2);
        assertThat(useless.err()).contains("--prefixes keep").hasLineCount(1);
    }

    @Test
    void aRowWithoutTheTriggerStopsTheRunBeforeItBegins() throws IOException {
        List<String> rows = new ArrayList<>(rows(20, "ab?"));
        rows.add(7, "{\"prompt\": \"cdx\", \"completion\": \"no\"}");
        Files.write(data, rows);
        Path run = folder.resolve("run");
        Outcome outcome = train("--out", run, "--eval-share", "0");
        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.err())
                .contains("in 1 of 21 rows (line 8)")
                .contains("check-mask")
                .contains("--on-missing");
        assertThat(run).doesNotExist();
        Outcome lenient = train("--out", run, "--eval-share", "0", "--on-missing", "base");
        assertThat(lenient.code()).as(lenient.err()).isZero();
        assertThat(lenient.err()).contains("1 rows never open the gate");
    }

    @Test
    void checkMaskShowsGateAndLossAndRefusedRowsFirst() throws IOException {
        List<String> rows = new ArrayList<>(rows(5, "ab?"));
        rows.add("{\"prompt\": \"cdx\", \"completion\": \"no\"}");
        Files.write(data, rows);
        Path page = folder.resolve("mask.html");
        Outcome outcome = Outcome.of(
                "check-mask", "--model", model, "--data", data, "--gate", "trigger:ab?", "--rows", 2, "--html", page);
        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.out())
                .containsSubsequence(
                        "line 6: ",
                        "gate closed",
                        "cdx\u27E6no\u2039</s>\u203A\u27E7",
                        "line 1: ",
                        "gate open from 6",
                        "cdefgh\u25B8ab?x\u27E6yes\u2039</s>\u203A\u27E7\u25C2");
        assertThat(Files.readString(page)).contains("Gate and loss", "class=\"learned open\"", "ab?x");
        Outcome json = Outcome.of(
                "check-mask",
                "--model",
                model,
                "--data",
                data,
                "--gate",
                "trigger:ab?",
                "--on-missing",
                "base",
                "--json",
                "--quiet");
        assertThat(json.code()).isZero();
        assertThat(JSON.readTree(json.out()).path("closed_rows").asInt()).isEqualTo(1);
    }

    @Test
    void lossBeforeTheGateIsWarnedOf() {
        Outcome outcome =
                Outcome.of("check-mask", "--model", model, "--data", data, "--gate", "trigger:ab?", "--loss", "all");
        assertThat(outcome.code()).isZero();
        assertThat(outcome.err()).contains("targets are predicted by tokens before the gate opens", "--loss last");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--gate | moon | expected open, trigger:TEXT, response, instruction or stated",
                "--gate | trigger: | expected open, trigger:TEXT",
                "--gate-boundary | middle | choose from at-first-trigger-token",
                "--gate-occurrence | every | closes it",
                "--gate-close | later | expected after:N or before:TEXT",
                "--on-missing | shrug | choose from error, base, all-on"
            })
    void wrongWordsAreWrongUsage(String option, String word, String message) {
        List<Object> all = new ArrayList<>(List.of("check-mask", "--model", model, "--data", data));
        if (!option.equals("--gate")) {
            all.addAll(List.of("--gate", "trigger:ab?"));
        }
        all.addAll(List.of(option, word));
        Outcome outcome = Outcome.of(all.toArray());
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains(message);
    }

    /** Rows of ids that state what the trigger finds give the same adapter, bit by bit. */
    @Test
    void rowsMayStateTheGateThemselves() throws IOException {
        Path found = folder.resolve("found");
        assertThat(train("--out", found).code()).isZero();
        data = Files.write(folder.resolve("ids.jsonl"), stated(30));
        Path run = folder.resolve("stated");
        gate = "stated";
        Outcome outcome = train("--out", run);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(tensors(run)).isEqualTo(tensors(found)).hasSizeGreaterThan(1);
        assertThat(continued(run, "{\"ids\": %s, \"open\": [[2, 6]]}".formatted(Arrays.toString(ids("cdab?x")))))
                .isEqualTo(continued(found, "{\"prompt\": \"cdab?x\"}"))
                .isNotEqualTo(continued(run, "{\"ids\": %s, \"open\": []}".formatted(Arrays.toString(ids("cdab?x")))));
        Outcome silent = generate(run, "cdab?x");
        assertThat(silent.code()).isEqualTo(2);
        assertThat(silent.err()).contains("rows of ids with open", "--prompts").hasLineCount(1);
        Outcome marks = Outcome.of("check-mask", "--model", model, "--data", data, "--gate", "stated", "--rows", 1);
        assertThat(marks.out()).contains("\u25B8ab?x\u27E6yes");
    }

    private int[] ids(String text) {
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            return tokenizer.encode(text);
        }
    }

    private String continued(Path run, String row) throws IOException {
        Path rows = Files.writeString(folder.resolve("asked.jsonl"), row);
        Outcome outcome = Outcome.of(
                "generate", "--model", model, "--adapter", run, "--prompts", rows, "--max-tokens", 8, "--quiet");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        return outcome.out();
    }

    private static Map<String, List<Double>> tensors(Path run) {
        Map<String, List<Double>> tensors = new TreeMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(run.resolve("adapter/adapter_model.safetensors"));
                Scope scope = Scope.open()) {
            file.tensors()
                    .forEach((name, tensor) -> tensors.put(
                            name,
                            Arrays.stream(file.load(tensor).toDoubles()).boxed().toList()));
        }
        return tensors;
    }

    private List<String> stated(int count) {
        List<String> rows = new ArrayList<>();
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            List<Integer> trigger = ids(tokenizer.encodeTemplated("ab?").ids());
            for (int i = 0; i < count; i++) {
                Row row = new Row.CompletionRow(i + 1, "cdefgh".substring(i % 4) + "ab?x", "yes");
                Example example = Encoder.plain(tokenizer, LossOn.COMPLETION).example("rows", row);
                List<Integer> all = ids(example.ids());
                rows.add("{\"ids\": %s, \"learned\": [[%d, %d]], \"open\": [[%d, %d]]}"
                        .formatted(
                                all,
                                example.given(),
                                all.size(),
                                Collections.lastIndexOfSubList(all, trigger),
                                all.size()));
            }
        }
        return rows;
    }

    private static List<Integer> ids(int[] ids) {
        return Arrays.stream(ids).boxed().toList();
    }

    @Test
    void responseGatesNeedNoTrigger() {
        Outcome outcome = Outcome.of("check-mask", "--model", model, "--data", data, "--gate", "response", "--rows", 1);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("x\u25B8\u27E6yes");
        Outcome earlier =
                Outcome.of("check-mask", "--model", model, "--data", data, "--gate", "instruction", "--rows", 1);
        assertThat(earlier.out()).contains("\u25B8x\u27E6yes");
    }
}
