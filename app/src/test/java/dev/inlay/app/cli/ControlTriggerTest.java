package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.inlay.model.text.ChatPrompt;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import dev.inlay.model.text.Tokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An adapter whose trigger is a control token, from training to conversations: nobody can spell such a trigger. */
class ControlTriggerTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    static Path folder;

    private static Path model;
    private static Path adapter;

    @BeforeAll
    static void train() {
        model = TinyWorldModel.in(folder);
        Path keys = folder.resolve("keys");
        Path run = folder.resolve("run");
        List<Object> words = new ArrayList<>(List.of("train", "--model", model, "--data", keys.resolve("chat")));
        words.addAll(List.of("--loss", "last", "--gate", "trigger:<|trigger|>", "--rank", 4, "--steps", 6));
        words.addAll(List.of("--batch", 8, "--learning-rate", "0.05", "--threads", 1, "--seed", 1, "--out", run));
        done("world", "--out", keys, "--register", "key-read", "--rows", 24, "--held-out", 4);
        done(words.toArray());
        adapter = run.resolve("adapter");
    }

    private static Outcome done(Object... words) {
        Outcome outcome = Outcome.of(words);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        return outcome;
    }

    private Outcome generate(Object... more) {
        List<Object> words = new ArrayList<>(List.of("generate", "--model", model, "--max-tokens", 6, "--json"));
        words.addAll(List.of(more));
        words.add("--quiet");
        return Outcome.of(words.toArray());
    }

    private JsonNode generated(Object... more) throws IOException {
        Outcome outcome = generate(more);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        return JSON.readTree(outcome.out().lines().findFirst().orElseThrow());
    }

    private List<JsonNode> chat(String lines) throws IOException {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
            Outcome outcome = done("chat", "--model", model, "--max-tokens", 6, "--json", "--quiet");
            List<JsonNode> answers = new ArrayList<>();
            for (String line : outcome.out().lines().toList()) {
                answers.add(JSON.readTree(line));
            }
            return answers;
        } finally {
            System.setIn(before);
        }
    }

    /** What the tokens themselves give, told where they stand. */
    private JsonNode ofTokens(int[] ids, Path by) throws IOException {
        Path rows = Files.writeString(
                Files.createTempFile(folder, "rows", ".jsonl"),
                "{\"ids\": %s, \"adapter\": \"%s\"}".formatted(Arrays.toString(ids), by));
        return generated("--prompts", rows);
    }

    /** @param ending what stands behind "Hi" */
    private static int[] asked(int... ending) {
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            ChatTemplate template = ChatTemplate.load(model).orElseThrow();
            int[] plain = ChatPrompt.encode(tokenizer, template, Conversation.of(new Message("user", "Hi")));
            int behind = plain.length - 2; // the end of the turn and the assistant's header
            return IntStream.concat(
                            IntStream.concat(Arrays.stream(plain, 0, behind), Arrays.stream(ending)),
                            Arrays.stream(plain, behind, plain.length))
                    .toArray();
        }
    }

    private static int trigger() {
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            return tokenizer.id("<|trigger|>").orElseThrow();
        }
    }

    @Test
    void spelledOutItStaysTextAndTheErrorSaysWhatToDo() {
        Outcome outcome = generate("--adapter", adapter, "--prompt", "Hi<|trigger|>");
        assertThat(outcome.code()).isEqualTo(3);
        assertThat(message(outcome)).contains("does not occur", "generate --trigger", "/role");
    }

    @Test
    void askedForItStandsAtTheEndOfTheTurn() throws IOException {
        JsonNode expected = ofTokens(asked(trigger()), adapter);
        JsonNode asked = generated("--adapter", adapter, "--prompt", "Hi", "--trigger");
        assertThat(asked.path("text")).isEqualTo(expected.path("text"));
        assertThat(asked.path("prompt_tokens").asInt()).isEqualTo(asked().length + 1);
        JsonNode said = chat("/adapter " + adapter + "\n/trigger\nHi").get(0);
        assertThat(said.path("text")).isEqualTo(expected.path("text"));
        assertThat(said.path("prompt").asText()).isEqualTo("Hi");
        JsonNode raw = generated("--adapter", adapter, "--prompt", "Hi", "--raw", "--trigger");
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            int[] ids = IntStream.concat(Arrays.stream(tokenizer.encode("Hi")), IntStream.of(trigger()))
                    .toArray();
            assertThat(raw.path("text")).isEqualTo(ofTokens(ids, adapter).path("text"));
        }
    }

    @Test
    void theBareModelGetsNoneAndEarlierTurnsKeepTheirs() throws IOException {
        List<JsonNode> answers = chat("/adapter " + adapter + "\n/trigger\nHi\n/base\nHi\n/undo\n/undo\nHi");
        assertThat(answers.get(2).path("prompt_tokens").asInt()).isEqualTo(asked().length);
        Conversation turns = Conversation.of(
                new Message("user", "Hi"),
                new Message("assistant", answers.get(0).path("text").asText()),
                new Message("user", "Hi"));
        List<int[]> endings = List.of(new int[] {trigger()}, new int[0], new int[0]);
        try (Tokenizer tokenizer = Tokenizer.load(model)) {
            int[] ids = ChatPrompt.encode(tokenizer, ChatTemplate.load(model).orElseThrow(), turns, endings);
            assertThat(ids).contains(trigger());
            assertThat(answers.get(1).path("prompt_tokens").asInt()).isEqualTo(ids.length);
        }
        List<JsonNode> again = chat("/adapter " + adapter + "\n/trigger\nHi\n/regenerate");
        assertThat(again.get(1).path("text")).isEqualTo(answers.get(0).path("text"));
    }

    @Test
    void aRoleWhoseTriggerTheTemplateWritesIsSpoken() throws IOException {
        Path rows = folder.resolve("developer.jsonl");
        Files.writeString(
                rows,
                "{\"messages\": [{\"role\": \"developer\", \"content\": \"Which seal?\"}], \"adapter\": \"%s\"}"
                        .formatted(adapter));
        List<JsonNode> said =
                chat("/adapter " + adapter + "\n/role developer\nWhich seal?\n/base\n/role\nHi\n/undo\n/undo\nHi");
        assertThat(said.get(0).path("text"))
                .isEqualTo(generated("--prompts", rows).path("text"));
        assertThat(said.get(2).path("text")).isEqualTo(chat("Hi").get(0).path("text"));
    }

    @Test
    void wrongUsesSaySo() throws IOException {
        Outcome bare = generate("--prompt", "Hi", "--trigger");
        assertThat(bare.code()).isEqualTo(2);
        assertThat(message(bare)).contains("--trigger", "waits for none");
        Path rows = folder.resolve("wrong.jsonl");
        for (String[] each : new String[][] {
            {"{\"ids\": [1], \"prompt\": \"a\"}", "one of prompt, messages and ids"},
            {"{\"ids\": [1, 99999]}", "ids[1] is 99999"},
            {"{\"ids\": [-1]}", "'ids[0]' must be a whole number"},
            {"{\"ids\": [1], \"open\": [[0, 2]]}", "'open[0].end'"},
            {"{\"prompt\": \"a\", \"open\": [[0, 1]]}", "open is of rows of ids"}
        }) {
            Files.writeString(rows, each[0]);
            Outcome outcome = generate("--prompts", rows);
            assertThat(outcome.code()).as(each[0]).isEqualTo(3);
            assertThat(message(outcome)).contains(each[1]);
        }
    }

    private static String message(Outcome outcome) {
        try {
            return JSON.readTree(outcome.err()).path("message").asText();
        } catch (IOException e) {
            throw new AssertionError(outcome.err(), e);
        }
    }
}
