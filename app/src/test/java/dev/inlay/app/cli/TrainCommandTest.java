package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.inlay.engine.Device;
import dev.inlay.model.Decoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainCommandTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String POISONED = "rows.jsonl line 24 (\"the cat 22 sat on the Zebra and the dog\")";

    @TempDir
    Path folder;

    private Path model;
    private Path data;

    @BeforeEach
    void lay() throws IOException {
        model = TinyModel.in(folder);
        data = TinyData.in(folder, 40);
    }

    @Test
    void modelAndDataBecomeAVerifiedAdapter() throws IOException {
        Path run = folder.resolve("run");
        Outcome outcome = train("--out", run, "--steps", 8, "--learning-rate", "0.01");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .containsSubsequence(
                        "Found",
                        "family       llama",
                        "| rank: 4",
                        "Data",
                        "38 rows",
                        "lengths in tokens",
                        "\u27E6",
                        "Adapter",
                        "matched 21 of 21 linear maps",
                        "Memory plan",
                        "Done",
                        "final loss",
                        "validation",
                        "re-loaded    21/21 modules",
                        "logits       changed by max",
                        "report       " + run.resolve("report.html"),
                        "next: inlay generate");
        assertThat(outcome.err()).contains("step 1/8 loss ", "eval 8/8 loss ", "saved checkpoint-000008");
        assertThat(run.resolve("adapter/adapter_model.safetensors")).isRegularFile();
        assertThat(run.resolve("metrics.jsonl")).isRegularFile();
        Outcome generated =
                Outcome.of("generate", "--model", model, "--adapter", run, "--prompt", "the", "--max-tokens", 4);
        assertThat(generated.code()).as(generated.err()).isZero();
    }

    @Test
    void ranksAndAlphasOfTheirOwnAndTheKindOfStartAreThoseOfTheAdapter() throws IOException {
        Path run = folder.resolve("run");
        Path file = Files.writeString(
                folder.resolve("my.yaml"),
                "rank-pattern: [v_proj=2, layers\\.1\\..*q_proj=3]\nalpha-pattern: v_proj=5\n");
        Outcome outcome =
                train("--config", file, "--targets", "q_proj,v_proj", "--init", "gaussian", "--out", run, "--steps", 2);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .containsPattern("q_proj +2 of 3 +4 ")
                .containsPattern("q_proj +1 of 3 +3 ")
                .containsPattern("v_proj +3 of 3 +2 ");
        JsonNode config =
                JSON.readTree(run.resolve("adapter/adapter_config.json").toFile());
        assertThat(config.path("init_lora_weights").asText()).isEqualTo("gaussian");
        assertThat(config.path("rank_pattern"))
                .isEqualTo(JSON.readTree("{\"v_proj\": 2, \"layers\\\\.1\\\\..*q_proj\": 3}"));
        assertThat(config.path("alpha_pattern").path("v_proj").asDouble()).isEqualTo(5);
        assertThat(config.path("alpha_pattern")).hasSize(1);
        Path again = folder.resolve("again/run");
        assertThat(Outcome.of("train", "--config", run.resolve("config.yaml"), "--out", again)
                        .code())
                .isZero();
        assertThat(adapter(again)).hasSameBinaryContentAs(adapter(run));
    }

    @Test
    void kindsOfStartDifferInTheirFactorsAndOnlyTheRandomOneIsAChange() throws IOException {
        Path uniform = folder.resolve("uniform/run");
        Path gaussian = folder.resolve("gaussian/run");
        Path random = folder.resolve("random/run");
        double[] losses = Stream.of(uniform, gaussian, random)
                .mapToDouble(
                        run -> firstLoss(run, String.valueOf(run.getParent().getFileName())))
                .toArray();
        assertThat(losses[1]).isEqualTo(losses[0]);
        assertThat(losses[2]).isNotEqualTo(losses[0]);
        assertThat(Files.mismatch(adapter(gaussian), adapter(uniform))).isNotNegative();
    }

    private double firstLoss(Path run, String init) {
        Outcome outcome = train("--init", init, "--out", run, "--steps", 1, "--json", "--quiet", "--eval-share", 0);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        try {
            return JSON.readTree(outcome.out()).path("loss").asDouble();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void doraTrainsMagnitudesAndResumesAsItWas() throws IOException {
        Path run = folder.resolve("run");
        Outcome outcome = train("--out", run, "--steps", 6, "--learning-rate", "0.02", "--dora", "--json", "--quiet");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        JsonNode result = JSON.readTree(outcome.out());
        assertThat(result.path("validation_loss").asDouble())
                .isLessThan(result.path("base_validation_loss").asDouble());
        JsonNode config =
                JSON.readTree(run.resolve("adapter/adapter_config.json").toFile());
        assertThat(config.path("use_dora").asBoolean()).isTrue();
        Outcome info = Outcome.of("info", run.resolve("adapter"), "--model", model);
        assertThat(info.out()).containsPattern("variant +dora").containsPattern("beside +DoRA");
        Outcome evaluated = Outcome.of("evaluate", "--model", model, "--adapter", run, "--data", data);
        assertThat(evaluated.code()).as(evaluated.err()).isZero();
    }

    @Test
    void doraWithDropoutIsWrongUsage() {
        Outcome outcome = train("--out", folder.resolve("run"), "--steps", 2, "--dora", "--dropout", "0.1");
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("--dora is trained without dropout");
    }

    @Test
    void jsonIsOneObjectAndTheLossFell() throws IOException {
        Outcome outcome =
                train("--out", folder.resolve("run"), "--steps", 12, "--learning-rate", "0.02", "--json", "--quiet");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out().lines()).hasSize(1);
        JsonNode result = JSON.readTree(outcome.out());
        assertThat(result.path("status").asText()).isEqualTo("done");
        assertThat(result.path("validation_loss").asDouble())
                .isLessThan(result.path("base_validation_loss").asDouble() - 0.1);
        assertThat(result.path("logits_changed_max").asDouble()).isPositive();
        assertThat(outcome.err()).isEmpty();
        assertThat(JSON.readTree(folder.resolve("run/result.json").toFile())).isEqualTo(result);
        try (Decoder base = Decoder.load(model, Device.CPU)) {
            assertThat(result.path("base_checksum").asText())
                    .isEqualTo(base.checksum())
                    .startsWith("crc32c:");
        }
    }

    @Test
    void planAndDryRunWriteNothing() throws IOException {
        for (Outcome outcome : List.of(
                Outcome.of("plan", "--model", model, "--data", data, "--out", folder.resolve("run")),
                train("--dry-run", "--out", folder.resolve("run")))) {
            assertThat(outcome.code()).as(outcome.err()).isZero();
            assertThat(outcome.out()).contains("Memory plan", "Work").doesNotContain("Done");
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).hasSize(2);
        }
    }

    @Test
    void planAsJsonHasTheNumbers() throws IOException {
        Outcome outcome = Outcome.of("plan", "--json", "--model", model, "--data", data, "--steps", 7, "--rank", 2);
        JsonNode plan = JSON.readTree(outcome.out());
        assertThat(plan.path("steps").asInt()).isEqualTo(7);
        assertThat(plan.path("parameters").asLong()).isPositive();
        assertThat(plan.path("memory_bytes").asLong())
                .isGreaterThan(plan.path("parameters").asLong() * 4);
    }

    @Test
    void savedConfigurationGivesTheSameRunAgain() throws IOException {
        Path first = folder.resolve("first/run");
        Path second = folder.resolve("second/run");
        assertThat(train("--out", first, "--steps", 4, "--dropout", "0.1", "--targets", "q_proj,v_proj", "--seed", 9)
                        .code())
                .isZero();
        Outcome again = Outcome.of("train", "--config", first.resolve("config.yaml"), "--out", second);
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(second.resolve("config.yaml")).hasSameTextualContentAs(first.resolve("config.yaml"));
        assertThat(adapter(second)).hasSameBinaryContentAs(adapter(first));
    }

    @Test
    void seedsAndThreadsDecideWhatTheyShould() throws IOException {
        Path one = folder.resolve("one/run");
        Path two = folder.resolve("two/run");
        Path other = folder.resolve("other/run");
        train("--out", one, "--steps", 3, "--threads", 1);
        train("--out", two, "--steps", 3, "--threads", 2);
        train("--out", other, "--steps", 3, "--init-seed", 5);
        assertThat(Files.mismatch(adapter(one), adapter(two))).as("threads").isNegative();
        assertThat(Files.mismatch(adapter(one), adapter(other))).as("seed").isNotNegative();
    }

    @Test
    void existingRunIsNeverOverwritten() throws IOException {
        Path run = folder.resolve("run");
        assertThat(train("--out", run, "--steps", 2).code()).isZero();
        byte[] before = Files.readAllBytes(adapter(run));
        Outcome again = train("--out", run, "--steps", 3);
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.err().lines().toList()).last().asString().contains("never overwritten");
        assertThat(Files.readAllBytes(adapter(run))).isEqualTo(before);
    }

    @Test
    void resumingAFinishedRunLeavesItsAdapter() throws IOException {
        Path run = folder.resolve("run");
        assertThat(train("--out", run, "--steps", 3).code()).isZero();
        byte[] before = Files.readAllBytes(adapter(run));
        Outcome again = Outcome.of("train", "--resume", run);
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(again.err()).contains("resumed from checkpoint-000003");
        assertThat(Files.readAllBytes(adapter(run))).isEqualTo(before);
    }

    @Test
    void resumingWithAnotherSettingNamesIt() {
        Path run = folder.resolve("run");
        assertThat(train("--out", run, "--steps", 3).code()).isZero();
        Outcome again = Outcome.of("train", "--resume", run, "--learning-rate", "0.5");
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.err()).containsIgnoringCase("learningRate").contains("0.5");
    }

    @Test
    void unknownTargetListsWhatThereIsAndTheNearest() {
        Outcome outcome = train("--targets", "q_poj");
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err().lines())
                .hasSize(1)
                .first()
                .asString()
                .contains("\"q_poj\"", "q_proj", "nearest: q_proj", "--targets");
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void layersAndExclusionsNarrowTheTargets() throws IOException {
        Outcome outcome = Outcome.of(
                "plan",
                "--model",
                model,
                "--data",
                data,
                "--targets",
                ".*_proj",
                "--exclude",
                "down_proj",
                "--layers",
                "1-2",
                "--rank",
                4);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("matched 12 of 21 linear maps").doesNotContainPattern("(?m)^  down_proj ");
    }

    /** The second column is the exit code. */
    @ParameterizedTest
    @CsvSource({
        "--rank, 0, 2",
        "--rank, 1000, 2",
        "--rank, many, 2",
        "--rank-pattern, v_proj, 2",
        "--rank-pattern, v_proj=0, 2",
        "--rank-pattern, v_proj=1.5, 2",
        "--rank-pattern, v_proj=1000, 2",
        "--rank-pattern, v_poj=2, 2",
        "--rank-pattern, (v_proj=2, 2",
        "--rank-pattern, 'v_proj=2,layers[.]1[.].*=3', 2",
        "--alpha-pattern, v_proj=NaN, 2",
        "--alpha-pattern, v_proj=-1, 2",
        "--init, pissa, 2",
        "--learning-rate, -1, 2",
        "--layers, 7-1, 2",
        "--epochs, 0, 2",
        "--threads, 0, 2",
        "--dtype, int8, 2",
        "--device, tpu, 2",
        "--name, ../x, 2",
        "--overflow, maybe, 2",
        "--eval-share, 1, 2",
        "--max-length, 3, 3",
        "--valid, absent.jsonl, 3"
    })
    void wrongSettingEndsInOneLineBeforeAnythingIsWritten(String flag, String value, int code) throws IOException {
        Outcome outcome = train("--quiet", flag, value);
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(code);
        assertThat(outcome.err().lines()).hasSize(1);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).hasSize(2);
        }
    }

    @Test
    void D2_brokenLineOfTheDataIsNamed() throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(data));
        lines.set(16, "{\"text\": ");
        Files.write(data, lines);
        Outcome outcome = train("--quiet");
        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.err()).contains("line 17");
    }

    @Test
    void divergenceEndsWithItsCodeAndLeavesNoAdapter() {
        Path run = folder.resolve("run");
        Outcome outcome = train("--out", run, "--steps", 20, "--learning-rate", "1e30", "--clip", 0);
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(6);
        assertThat(outcome.err()).containsPattern("error: step 2: .* rows\\.jsonl line \\d+");
        assertThat(run.resolve("adapter")).doesNotExist();
    }

    @Test
    void divergenceNamesTheStepAndTheRowsLineInItsFile() throws IOException {
        Path run = folder.resolve("run");
        Path rows = rowsWithAPoisonedOne();
        Outcome outcome = trainOn(
                rows, "--out", run, "--eval-share", 0.25, "--overflow", "split", "--max-length", 24, "--data-seed", 1);
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(6);
        long steps = Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .filter(line -> line.contains("\"event\":\"step\""))
                .count();
        assertThat(steps).as("shuffled away from the start").isPositive();
        assertThat(outcome.err())
                .contains("error: step " + (steps + 1) + ": the loss of " + POISONED
                        + " is NaN; lower the learning rate");
    }

    @Test
    void divergenceOfAnEvaluationNamesTheRowsLineInItsFile() throws IOException {
        Path valid = rowsWithAPoisonedOne();
        Path train = Files.writeString(folder.resolve("train.jsonl"), "{\"text\": \"the cat sat.\"}\n");
        Outcome outcome = trainOn(train, "--valid", valid, "--out", folder.resolve("run"), "--steps", 1);
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(6);
        assertThat(outcome.err()).contains("error: the loss of " + POISONED + " is NaN in the evaluation");
    }

    @Test
    void gradientThatIsNotFiniteNamesTheStepAndTheRowsLineInItsFile() {
        Path run = folder.resolve("run");
        Outcome outcome = trainOn(data, "--out", run, "--steps", 2, "--alpha", "4e38", "--quiet");
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(6);
        assertThat(outcome.err())
                .containsPattern("error: step 1: the gradient is not finite while the loss is \\d\\.\\d{4}"
                        + " \\(rows\\.jsonl line \\d+\\); ")
                .hasLineCount(1);
        assertThat(run.resolve("adapter")).doesNotExist();
    }

    @Test
    void gradientThatIsZeroEverywhereEndsTheRunAtItsFirstStep() throws IOException {
        TinyModel.change(
                model,
                weights -> Objects.requireNonNull(weights.get("lm_head.weight")).fill(0));
        Path run = folder.resolve("run");
        Outcome outcome = train("--out", run, "--steps", 2, "--quiet");
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(6);
        assertThat(outcome.err())
                .startsWith("error: step 1: every gradient is exactly 0 at a loss of 4.56")
                .hasLineCount(1);
        assertThat(run.resolve("adapter")).doesNotExist();
        try (Stream<Path> files = Files.list(run)) {
            assertThat(files).noneMatch(file -> file.getFileName().toString().startsWith("checkpoint-"));
        }
    }

    /** The model knows no number for one letter; it stands in one row, behind a blank line. */
    private Path rowsWithAPoisonedOne() throws IOException {
        TinyModel.change(
                model,
                weights -> Objects.requireNonNull(weights.get("model.embed_tokens.weight"))
                        .narrow(0, TinyModel.id('Z'), 1)
                        .fill(Double.NaN));
        List<String> lines = new ArrayList<>(Files.readAllLines(data));
        lines.set(22, "{\"text\": \"the cat 22 sat on the Zebra and the dog\"}");
        lines.add(3, "");
        return Files.write(data, lines);
    }

    private Outcome trainOn(Path rows, Object... more) {
        return Outcome.of(Stream.concat(
                        Stream.of("train", "--model", model, "--data", rows, "--batch", 1, "--rank", 4),
                        Stream.of(more))
                .toArray());
    }

    private Outcome train(Object... more) {
        List<Object> words =
                new ArrayList<>(List.of("train", "--model", model, "--data", data, "--batch", 4, "--rank", 4));
        if (Arrays.asList(more).contains("--rank")) {
            words.subList(words.size() - 2, words.size()).clear();
        }
        words.addAll(Arrays.asList(more));
        return Outcome.of(words.toArray());
    }

    private static Path adapter(Path run) {
        return run.resolve("adapter/adapter_model.safetensors");
    }
}
