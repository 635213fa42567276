package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.model.ModelDirectory;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainCommandTest {
    @TempDir
    Path folder;

    private Path tokenizer;
    private Path data;

    @BeforeEach
    void textAndTokenizer() throws IOException {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            rows.add("{\"text\": \"one two three four five six, said number " + i % 7 + "\"}");
        }
        data = Files.write(folder.resolve("rows.jsonl"), rows);
        tokenizer = folder.resolve("tokenizer");
        Outcome learned = Outcome.of("tokenizer", "--data", data, "--size", "300", "--out", tokenizer);
        assertThat(learned.code()).as(learned.err()).isZero();
    }

    private Outcome pretrain(Object... more) {
        List<Object> words = new ArrayList<>(List.of("pretrain", "--data", data, "--tokenizer", tokenizer));
        words.addAll(List.of("--steps", "12", "--batch-tokens", "200", "--learning-rate", "0.01"));
        words.addAll(Arrays.asList(more));
        return Outcome.of(words.toArray());
    }

    @Test
    void aLlamaOfTheSizesAskedForIsAModelDirectoryThatGenerates() {
        Path run = folder.resolve("run");
        Outcome outcome = pretrain("--layers", "2", "--width", "32", "--heads", "4", "--context", "64", "--out", run);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("2 layers, width 32", "Memory plan", "the written model has the same");
        ModelDirectory model = ModelDirectory.open(run.resolve("model"));
        assertThat(model.config().contextLength()).isEqualTo(64);
        assertThat(model.config().feedForward()).isEqualTo(96);
        JsonObject generation = Json.readObject(run.resolve("model/generation_config.json"));
        JsonObject config = Json.readObject(run.resolve("model/config.json"));
        assertThat(generation.get("eos_token_id")).isEqualTo(config.get("eos_token_id"));
        Outcome text = Outcome.of("generate", "--model", run.resolve("model"), "--prompt", "one", "--max-tokens", "5");
        assertThat(text.code()).as(text.err()).isZero();
    }

    /** A learning rate of almost nothing leaves the weights as they are: those of the model, not random ones. */
    @Test
    void aModelIsTrainedOn() {
        Path first = folder.resolve("first");
        Outcome outcome = pretrain("--layers", "1", "--width", "16", "--heads", "2", "--out", first, "--json");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        double before =
                Json.parse(outcome.out(), "output").path("validation_loss").asDouble();
        Path model = first.resolve("model");
        double still = lossAfter(model, "still", "1e-30");
        assertThat(still).isCloseTo(before, within(1e-6));
        assertThat(lossAfter(model, "on", "1e-2")).isLessThan(before - 0.1);
        assertThat(Json.readObject(folder.resolve("on/model/config.json")).integer("hidden_size", 0, 100))
                .isEqualTo(16);
        assertThat(goOn(model, "1e-2", "--resume", folder.resolve("on")).code()).isZero();
        Outcome other = goOn(folder.resolve("on/model"), "1e-2", "--resume", folder.resolve("on"));
        assertThat(other.code()).isEqualTo(3);
        assertThat(other.err()).contains("inputs");
        assertThat(goOn(model, "1e-2", "--layers", "2").err())
                .contains("--model says the sizes of the model", "leave out the flags");
    }

    private double lossAfter(Path model, String name, String rate) {
        Outcome outcome = goOn(model, rate, "--out", folder.resolve(name));
        assertThat(outcome.code()).as(outcome.err()).isZero();
        return Json.parse(outcome.out(), "output").path("validation_loss").asDouble();
    }

    private Outcome goOn(Path model, String rate, Object... more) {
        List<Object> words = new ArrayList<>(List.of("pretrain", "--data", data, "--model", model, "--json"));
        words.addAll(List.of("--steps", "12", "--batch-tokens", "200", "--learning-rate", rate, "--weight-decay", "0"));
        words.addAll(Arrays.asList(more));
        return Outcome.of(words.toArray());
    }

    @Test
    void aModelBringsItsTokenizer() {
        assertThat(pretrain("--model", "m").err()).contains("--model brings its tokenizer; leave out --tokenizer");
        Outcome nothing = Outcome.of("pretrain", "--data", data);
        assertThat(nothing.code()).isEqualTo(2);
        assertThat(nothing.err()).contains("--tokenizer DIR", "--model DIR");
    }

    @Test
    void aRunHasItsReportFromWhichItGoesOn() throws IOException {
        Path run = folder.resolve("run");
        Outcome outcome = pretrain("--layers", "1", "--width", "16", "--heads", "2", "--out", run, "--json");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(Json.read(run.resolve("result.json"))).isEqualTo(Json.parse(outcome.out(), "output"));
        String page = Files.readString(run.resolve("report.html"));
        assertThat(page)
                .contains("12 of 12", "class=\"learned\"", "The model", "1 layers, width 16", "Best validation loss")
                .contains("inlay train --model " + run.resolve("model"))
                .doesNotContain("Without the adapter", "The base model", "Adapted modules");
        Files.delete(run.resolve("model/config.json"));
        Files.delete(run.resolve("model/model.safetensors"));
        for (String file : List.of("generation_config.json", "tokenizer.json", "tokenizer_config.json")) {
            Files.delete(run.resolve("model").resolve(file));
        }
        Files.delete(run.resolve("model"));
        assertThat(Outcome.of("report", run).code()).isZero();
        assertThat(Files.readString(run.resolve("report.html"))).contains("inlay pretrain --resume " + run);
    }

    @Test
    void aConfigurationOfAnotherFamilyIsTrained() throws IOException {
        Path architecture = Files.writeString(
                folder.resolve("gpt2.json"),
                "{\"model_type\": \"gpt2\", \"vocab_size\": 320, \"n_embd\": 16, \"n_layer\": 1, \"n_head\": 2,"
                        + " \"n_positions\": 32, \"torch_dtype\": \"bfloat16\"}");
        Path run = folder.resolve("run");
        Outcome outcome = pretrain("--architecture", architecture, "--out", run, "--dtype", "bfloat16");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        ModelDirectory model = ModelDirectory.open(run.resolve("model"));
        assertThat(model.config().family()).isEqualTo("gpt2");
        assertThat(model.notes()).isEmpty();
    }

    @Test
    void whatIsToBeTrainedMustBeSaidOnce() throws IOException {
        assertThat(pretrain("--out", folder.resolve("run")).err()).contains("give --layers, --width and --heads");
        Path architecture = Files.writeString(folder.resolve("config.json"), "{}");
        assertThat(pretrain("--architecture", architecture, "--layers", "2").err())
                .contains("--architecture says the sizes of the model");
        assertThat(folder.resolve("run")).doesNotExist();
    }

    @Test
    void aPlanWritesNothing() {
        Path run = folder.resolve("run");
        Outcome outcome = pretrain("--layers", "1", "--width", "16", "--heads", "2", "--out", run, "--dry-run");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("parameters", "steps", "time");
        assertThat(run).doesNotExist();
    }

    @Test
    void aFinishedRunIsFinishedWhenItIsResumed() {
        Path run = folder.resolve("run");
        assertThat(pretrain("--layers", "1", "--width", "16", "--heads", "2", "--out", run)
                        .code())
                .isZero();
        Outcome again = Outcome.of("pretrain", "--resume", run);
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(again.out()).contains("after 12 steps");
    }
}
