package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.inlay.app.report.RunReport;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class QuickstartCommandTest {
    @TempDir
    static Path shared;

    private static Path model;

    @TempDir
    Path folder;

    @BeforeAll
    static void pretrain() {
        model = TinyWorldModel.in(shared);
    }

    private static Object[] quickstart(Path run, Object... more) {
        return quickstart(60, run, more);
    }

    private static Object[] quickstart(int rows, Path run, Object... more) {
        List<Object> words = new ArrayList<>(
                List.of("quickstart", "--model", model, "--out", run, "--rows", rows, "--held-out", 5, "--threads", 1));
        words.addAll(Arrays.asList(more));
        return words.toArray();
    }

    @Test
    void theTourGoesFromTheModelToWhatToTryNext() {
        Path run = folder.resolve("run");
        Outcome outcome = Outcome.of(quickstart(run));
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out())
                .containsSubsequence(
                        "Model\n",
                        "parameters",
                        "floor",
                        "Task\n",
                        "inlay train --model " + model,
                        "Data\n",
                        "60 rows",
                        "Adapter\n",
                        "trainable parameters",
                        "Training\n",
                        "Done\n",
                        "re-loaded",
                        "Compared on 5 new reviews",
                        "base + adapter",
                        "best possible (floor)",
                        "Side by side\n",
                        "  adapter  ",
                        "Report\n",
                        run + "/report.html",
                        "Next, with a model and data of your own",
                        "inlay plan ",
                        "inlay train ",
                        "inlay generate ");
        assertThat(outcome.err()).contains("step 1/4", "eval 4/4");
        assertThat(run.resolve("adapter/adapter_model.safetensors")).exists();
        assertThat(run.resolveSibling("run-data/test.jsonl")).exists();
    }

    @Test
    void theRunKeepsWhatWasCompared() throws IOException {
        Path run = folder.resolve("run");
        Outcome outcome = Outcome.of(quickstart(run, "--json"));
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out().lines()).hasSize(1);
        JsonNode printed = JsonMapper.builder().build().readTree(outcome.out());
        JsonObject kept = Json.readObject(run.resolve(RunReport.RESULT));
        for (String name : List.of("validation_loss", "answers_loss", "base_answers_loss", "least_answers_loss")) {
            assertThat(kept.number(name))
                    .as(name)
                    .isPositive()
                    .isEqualTo(printed.path(name).asDouble());
        }
        assertThat(kept.number("answers")).isEqualTo(5);
        assertThat(Files.readString(run.resolve(RunReport.FILE)))
                .contains("right answers of the best possible model", "least loss per answer that any model can have");
    }

    /** The losses must be those that {@code evaluate} finds on the file that the tour has written. */
    @Test
    void whatWasComparedIsWhatEvaluateMeasures() throws IOException {
        Path run = folder.resolve("run");
        Outcome outcome = Outcome.of(quickstart(run, "--json"));
        assertThat(outcome.code()).as(outcome.err()).isZero();
        Outcome evaluated = Outcome.of(
                "evaluate",
                "--model",
                model,
                "--adapter",
                run,
                "--data",
                folder.resolve("run-data"),
                "--part",
                "test",
                "--json");
        JsonNode measured = JsonMapper.builder().build().readTree(evaluated.out());
        JsonObject kept = Json.readObject(run.resolve(RunReport.RESULT));
        double perAnswer =
                measured.path("targets").asDouble() / measured.path("rows").asDouble();
        assertThat(kept.number("base_answers_loss"))
                .isCloseTo(measured.path("base_loss").asDouble() * perAnswer, within(1e-5));
        assertThat(kept.number("answers_loss"))
                .isCloseTo(measured.path("adapter_loss").asDouble() * perAnswer, within(1e-5));
    }

    @Test
    void anotherRunIsNeverOverwritten() throws IOException {
        Path run = Files.createDirectories(folder.resolve("run"));
        Files.writeString(run.resolve("run.json"), "{}");
        Outcome outcome = Outcome.of(quickstart(run));
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err()).contains("a run of this name exists");
        assertThat(folder.resolve("run-data")).doesNotExist();
    }

    @Test
    void withoutNamesItTakesTheFirstFreeOne() throws IOException {
        Path first = RunName.free("no-run-of-this-name", Quickstart::data);
        assertThat(first).isEqualTo(Path.of("runs/no-run-of-this-name"));
        Path root = folder.resolve("runs");
        Files.createDirectories(root.resolve("a"));
        Files.createDirectories(root.resolve("a-2-data"));
        assertThat(RunName.free(root, "a", Quickstart::data)).isEqualTo(root.resolve("a-3"));
    }

    @Test
    void whatIsMissingIsNamedWithItsRemedy() {
        assertThat(Outcome.of("quickstart", "--rows", "0").code()).isEqualTo(2);
        Outcome outcome = Outcome.of("quickstart", "--model", folder.resolve("none"), "--out", folder.resolve("run"));
        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.err()).contains("none");
        assertThat(folder.resolve("run-data")).doesNotExist();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process there is ended without being asked")
    void anInterruptionInTrainingLeavesARunThatTrainGoesOnWith() throws Exception {
        Path run = folder.resolve("run");
        Outcome interrupted = process(List.of(), quickstart(3000, run), "step 1/");
        assertThat(interrupted.code()).as(interrupted.err()).isEqualTo(7);
        assertThat(interrupted.err()).contains("inlay train --resume " + run);
        assertThat(run.resolve("run.json")).exists();
        assertThat(run.resolve("adapter")).doesNotExist();
    }

    /** In a network namespace of its own, which has no interface at all. */
    @Test
    void itNeedsNoNetwork() throws Exception {
        List<String> alone = List.of("unshare", "--net", "--map-root-user");
        assumeTrue(canRun(alone), "skipped: this system cannot make a process without a network");
        Outcome outcome = process(alone, quickstart(folder.resolve("run")), "");
        assertThat(outcome.code()).as(outcome.err()).isZero();
    }

    private static boolean canRun(List<String> prefix) throws InterruptedException {
        List<String> command = new ArrayList<>(prefix);
        command.add("true");
        try {
            return new ProcessBuilder(command).start().waitFor() == 0;
        } catch (IOException e) {
            return false; // there is no such program
        }
    }

    /** @param until the start of a line of standard error at which the process is asked to end; empty for never */
    private static Outcome process(List<String> prefix, Object[] words, String until) throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Inlay.class.getName()));
        Arrays.stream(words).map(Object::toString).forEach(command::add);
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        StringBuilder err = new StringBuilder();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                err.append(line).append('\n');
                if (!until.isEmpty() && line.startsWith(until)) {
                    process.toHandle().destroy(); // the process itself would close its streams, too
                }
            }
        }
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return new Outcome(process.exitValue(), "", err.toString());
    }
}
