package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.inlay.engine.Device;
import dev.inlay.model.Decoder;
import dev.inlay.model.generation.GenerationListener;
import dev.inlay.model.generation.GenerationOptions;
import dev.inlay.model.generation.Generator;
import dev.inlay.model.generation.Sampling;
import dev.inlay.model.generation.Stops;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.testing.SharedData;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GenerateCommandTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path folder;

    private Path model;

    @BeforeEach
    void copyModel() throws IOException {
        model = TinyModel.in(folder);
    }

    @Test
    void textAloneGoesToStandardOutput() throws IOException {
        Outcome shown = Outcome.of("generate", "--model", model, "--prompt", "Hello", "--max-tokens", 8);
        Outcome asJson = Outcome.of("generate", "--model", model, "--prompt", "Hello", "--max-tokens", 8, "--json");
        assertThat(shown.code()).isZero();
        String text = lines(asJson).get(0).path("text").asText();
        assertThat(text).isNotEmpty();
        assertThat(shown.out()).isEqualTo(text + System.lineSeparator());
        assertThat(shown.err()).contains("8 new tokens");
    }

    @Test
    void quietSaysNothingElse() {
        Outcome outcome = Outcome.of("generate", "--quiet", "--model", model, "--prompt", "Hi", "--max-tokens", 2);
        assertThat(outcome.code()).isZero();
        assertThat(outcome.err()).isEmpty();
    }

    @Test
    void promptsOfDifferentLengthsGiveWhatEachGivesAlone() throws IOException {
        Path file = Files.writeString(folder.resolve("prompt.txt"), "A longer one, from a file.");
        Outcome both =
                Outcome.of("generate", "--model", model, "--prompt", "Hello", "--prompt-file", file, "--max-tokens", 6);
        Outcome first = Outcome.of("generate", "--model", model, "--prompt", "Hello", "--max-tokens", 6);
        Outcome second = Outcome.of("generate", "--model", model, "--prompt-file", file, "--max-tokens", 6);
        assertThat(both.code()).isZero();
        assertThat(both.out()).isEqualTo(first.out() + second.out());
    }

    @Test
    void numberOfThreadsChangesNoByte() throws IOException {
        StringBuilder rows = new StringBuilder();
        Path lora = TinyModel.RECORDED.resolve("adapters/lora");
        for (int i = 0; i < 9; i++) {
            rows.append("{\"prompt\": \"%s\", \"adapter\": [%s]}\n"
                    .formatted("Hello there".substring(i), i % 2 == 0 ? "" : "\"" + lora + "\""));
        }
        Path file = Files.writeString(folder.resolve("prompts.jsonl"), rows);
        Object[] common = {"generate", "--model", model, "--prompts", file, "--temperature", 1.2, "--max-tokens", 20};
        Outcome one = more(common, "--threads", 1);
        assertThat(one.code()).as(one.err()).isZero();
        assertThat(more(common, "--threads", 2).out()).isEqualTo(one.out()).isNotEmpty();
    }

    @Test
    void rowsOfMessagesAreGoneOnWith() throws IOException {
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + ' ' }}{% endfor %}"
                        + "{% if add_generation_prompt %}assistant: {% endif %}");
        Path rows = Files.writeString(folder.resolve("rows.jsonl"), """
                {"messages": [{"role": "system", "content": "Be kind"}, {"role": "user", "content": "Hello"}]}
                {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "developer", "content": "c"}]}
                {"prompt": "Hello"}
                """);
        Outcome outcome = Outcome.of("generate", "--model", model, "--prompts", rows, "--max-tokens", 6, "--json");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        List<JsonNode> results = lines(outcome);
        Outcome prompted = Outcome.of(
                "generate", "--model", model, "--system", "Be kind", "--prompt", "Hello", "--max-tokens", 6, "--json");
        List<JsonNode> expected = lines(prompted);
        assertThat(results.get(0).path("text")).isEqualTo(expected.get(0).path("text"));
        assertThat(results.get(0).path("prompt_tokens"))
                .isEqualTo(expected.get(0).path("prompt_tokens"));
        assertThat(results.get(1).path("prompt").asText()).isEqualTo("c");
        assertThat(results.get(2).path("prompt_tokens").asInt())
                .isLessThan(results.get(0).path("prompt_tokens").asInt());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"messages": [{"role": "user", "content": "a"}]} | chat template
                    {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]} | speak next
                    {"messages": [], "adapter": []} | list of turns
                    {"messages": [{"role": "user", "content": "a"}], "prompt": "a"} | found [prompt, messages]
                    """)
    void rowsOfMessagesThatCannotBeGoneOnWithAreRefused(String row, String expected) throws IOException {
        Path rows = Files.writeString(folder.resolve("rows.jsonl"), row);
        Outcome outcome = Outcome.of("generate", "--model", model, "--prompts", rows, "--quiet");
        assertThat(outcome.code()).isIn(2, 3);
        assertThat(outcome.err()).contains(expected).hasLineCount(1);
    }

    @Test
    void promptComesFromStandardInputWhereNoneIsGiven() {
        Outcome given = Outcome.of("generate", "--model", model, "--prompt", "Hello", "--max-tokens", 6);
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream("Hello".getBytes(StandardCharsets.UTF_8)));
            assertThat(Outcome.of("generate", "--model", model, "--max-tokens", 6)
                            .out())
                    .isEqualTo(given.out());
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void adapterChangesTheText() {
        Outcome bare = Outcome.of("generate", "--model", model, "--prompt", "Hello", "--max-tokens", 20);
        Path adapter = TinyModel.RECORDED.resolve("adapters/lora");
        Outcome adapted =
                Outcome.of("generate", "--model", model, "--adapter", adapter, "--prompt", "Hello", "--max-tokens", 20);
        assertThat(adapted.code()).as(adapted.err()).isZero();
        assertThat(adapted.out()).isNotEqualTo(bare.out());
    }

    @Test
    void directoryWithAnEqualsSignIsADirectory() throws IOException {
        Path odd = Files.createDirectories(folder.resolve("a=0.5,b"));
        for (String file : new String[] {"adapter_config.json", "adapter_model.safetensors"}) {
            Files.copy(TinyModel.RECORDED.resolve("adapters/lora").resolve(file), odd.resolve(file));
        }
        Outcome outcome = Outcome.of(
                "generate",
                "--model",
                model,
                "--adapter",
                odd,
                "--weights",
                "0",
                "--prompt",
                "Hello",
                "--max-tokens",
                20);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        Outcome bare = Outcome.of("generate", "--model", model, "--prompt", "Hello", "--max-tokens", 20);
        assertThat(outcome.out()).isEqualTo(bare.out());
    }

    @Test
    void fileNamesSeveralAdapters() throws IOException {
        Path lora = TinyModel.RECORDED.resolve("adapters/lora");
        Path qv = TinyModel.RECORDED.resolve("adapters/qv");
        Path file = Files.writeString(
                folder.resolve("settings.yaml"), "adapter: ['%s', '%s']\nweights: [1, -0.5]\n".formatted(lora, qv));
        Object[] common = {"generate", "--model", model, "--prompt", "Hello", "--max-tokens", 20};
        Outcome flags = more(common, "--adapter", lora, "--adapter", qv, "--weights", "1,-0.5");
        Outcome settings = more(common, "--config", file);
        assertThat(settings.code()).as(settings.err()).isZero();
        assertThat(settings.out())
                .isEqualTo(flags.out())
                .isNotEqualTo(more(common, "--adapter", lora).out());
        assertThat(Outcome.of("generate", "--help").out()).containsPattern("--adapter=DIR +Adapter");
    }

    /** Rows of different adapters are computed in one batch and say what each says alone. */
    @Test
    void eachPromptOfAFileHasItsOwnAdapters() throws IOException {
        Path lora = TinyModel.RECORDED.resolve("adapters/lora");
        Path qv = TinyModel.RECORDED.resolve("adapters/qv");
        Path file = Files.writeString(folder.resolve("prompts.jsonl"), """
                {"prompt": "Hello"}
                {"prompt": "Hello", "adapter": "%s"}

                {"prompt": "Hello there", "adapter": ["%s", "%s"], "weights": [0.5, -1]}
                {"prompt": "Hello", "adapter": []}
                """.formatted(lora, lora, qv));
        Outcome mixed = Outcome.of("generate", "--model", model, "--adapter", qv, "--prompts", file, "--max-tokens", 9);
        assertThat(mixed.code()).as(mixed.err()).isZero();
        Object[] common = {"generate", "--model", model, "--max-tokens", 9, "--prompt"};
        String usual = more(common, "Hello", "--adapter", qv).out();
        String own = more(common, "Hello", "--adapter", lora).out();
        String both = more(common, "Hello there", "--adapter", lora, "--adapter", qv, "--weights", "0.5,-1")
                .out();
        String bare = more(common, "Hello").out();
        assertThat(mixed.out()).isEqualTo(usual + own + both + bare);
        assertThat(own).isNotEqualTo(usual).isNotEqualTo(bare);
        List<JsonNode> json =
                lines(Outcome.of("generate", "--json", "--model", model, "--prompts", file, "--max-tokens", 2));
        assertThat(json).hasSize(5);
        assertThat(json.get(2).path("adapters")).hasSize(2);
        assertThat(json.get(3).has("adapters")).isFalse();
        assertThat(json.get(4).path("rows").asInt()).isEqualTo(4);
        assertThat(json.get(4).path("tokens").asInt()).isEqualTo(8);
    }

    @Test
    void rowsThatSayNothingUsefulAreBadData() throws IOException {
        for (String line : new String[] {
            "",
            "{}",
            "[]",
            "{\"prompt\": 1}",
            "{\"prompt\": \"a\", \"adapters\": \"x\"}",
            "{\"prompt\": \"a\", \"adapter\": 3}",
            "{\"prompt\": \"a\", \"weights\": [1]}",
            "{\"prompt\": \"a\", \"adapter\": \"x\", \"weights\": [1, 2]}"
        }) {
            Path file = Files.writeString(folder.resolve("prompts.jsonl"), line);
            Outcome outcome = Outcome.of("generate", "--model", model, "--prompts", file);
            assertThat(outcome.code()).as(line).isEqualTo(3);
            assertThat(outcome.err().lines()).hasSize(1).first().asString().contains("prompts.jsonl");
        }
    }

    private static Outcome more(Object[] common, Object... words) {
        Object[] all = Arrays.copyOf(common, common.length + words.length);
        System.arraycopy(words, 0, all, common.length, words.length);
        return Outcome.of(all);
    }

    @Test
    void seedDecidesTheDraws() {
        Object[] common = {"generate", "--model", model, "--prompt", "Hello", "--temperature", "1.5", "--seed"};
        String seven = with(common, 7).out();
        assertThat(with(common, 7).out()).isEqualTo(seven);
        assertThat(with(common, 8).out()).isNotEqualTo(seven);
    }

    @Test
    void chatTemplateIsUsedUnlessTheTextIsRaw() throws IOException {
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:");
        JsonNode chat = result("--prompt", "Hi", "--system", "Be brief.");
        assertThat(chat.path("prompt_tokens").asInt()).isEqualTo("system: Be brief.\nuser: Hi\nassistant:".length());
        assertThat(result("--prompt", "Hi", "--raw").path("prompt_tokens").asInt())
                .isEqualTo(2);
        Outcome contradiction =
                Outcome.of("generate", "--model", model, "--prompt", "Hi", "--system", "Be brief.", "--raw");
        assertThat(contradiction.code()).isEqualTo(2);
    }

    /** A user who types an end token does not end the prompt. */
    @Test
    void T14_controlTokenInAPromptStaysText() throws IOException {
        Files.writeString(
                model.resolve("chat_template.jinja"), "{% for m in messages %}<s>{{ m.content }}</s>{% endfor %}");
        assertThat(result("--prompt", "a</s>b").path("prompt_tokens").asInt())
                .isEqualTo(result("--prompt", "ab").path("prompt_tokens").asInt() + "</s>".length());
    }

    @Test
    void stopIdsEndATextAndThoseOfTheModelCanBeIgnored() throws IOException {
        List<Integer> ids = greedy("Hello", 12);
        int last = ids.get(ids.size() - 1);
        int end = ids.indexOf(last);
        assertThat(twelve().path("tokens").asInt()).isEqualTo(ids.size()).isGreaterThan(end);
        JsonNode stopped = twelve("--stop-id", last);
        assertThat(stopped.path("finish").asText()).isEqualTo("stop_id");
        assertThat(stopped.path("tokens").asInt()).isEqualTo(end);
        assertThat(ids.indexOf(ids.get(1))).isEqualTo(1);
        assertThat(twelve("--stop-id", last + "," + ids.get(1)).path("tokens").asInt())
                .isEqualTo(1);

        Files.writeString(model.resolve("generation_config.json"), "{\"eos_token_id\": [%d]}".formatted(last));
        assertThat(twelve().path("tokens").asInt()).isEqualTo(end);
        assertThat(twelve("--ignore-eos").path("tokens").asInt()).isEqualTo(12);
        assertThat(twelve("--ignore-eos", "--stop-id", last).path("tokens").asInt())
                .isEqualTo(end);
    }

    /** The best tokens; none of them ends a text. */
    private List<Integer> greedy(String prompt, int count) {
        try (Decoder decoder = Decoder.load(model, Device.CPU);
                Tokenizer tokenizer = Tokenizer.load(model)) {
            List<Integer> ids = Generator.ofTokens(decoder, List.of())
                    .generate(
                            List.of(tokenizer.encode(prompt)),
                            GenerationOptions.of(Sampling.greedy(), Stops.none(), count),
                            GenerationListener.NONE)
                    .rows()
                    .get(0)
                    .tokens();
            assertThat(ids).doesNotContain(2);
            return ids;
        }
    }

    private JsonNode twelve(Object... words) throws IOException {
        Object[] common = {"generate", "--json", "--model", model, "--prompt", "Hello", "--max-tokens", 12};
        Outcome outcome = more(common, words);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        return lines(outcome).get(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "96", "99999"})
    void stopIdBeyondTheVocabularyIsWrongUsageInOneLine(String id) {
        Outcome outcome = Outcome.of("generate", "--quiet", "--model", model, "--prompt", "Hi", "--stop-id=" + id);
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err().lines()).hasSize(1).first().asString().contains(id, "0 to ");
    }

    @Test
    void settingOutOfRangeIsWrongUsageInOneLine() {
        Outcome outcome = Outcome.of("generate", "--model", model, "--prompt", "Hi", "--top-p", 2);
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err().lines()).hasSize(1).first().asString().contains("top-p", "2.0");
    }

    @Test
    void promptLongerThanTheContextIsBadData() {
        Outcome outcome = Outcome.of("generate", "--quiet", "--model", model, "--prompt", "x".repeat(200));
        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.err().lines()).hasSize(1).first().asString().contains("200", "128");
    }

    @Test
    void missingModelDirectoryIsBadData() {
        Outcome outcome = Outcome.of("generate", "--model", folder.resolve("nothing"), "--prompt", "Hi");
        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.err().lines()).hasSize(1);
        assertThat(outcome.out()).isEmpty();
    }

    @Test
    void adapterOfAnotherModelIsUnfit() {
        Path other = TinyModel.RECORDED.resolveSibling("gpt2-tied").resolve("adapters/lora");
        Outcome outcome = Outcome.of("generate", "--model", model, "--adapter", other, "--prompt", "Hi");
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(4);
        assertThat(outcome.err().lines()).hasSize(1);
    }

    @Test
    @Tag("data")
    void realModelTellsTheRecordedStory() throws IOException {
        Path stories = SharedData.require("stories260K");
        String recorded = JSON.readTree(stories.resolve("golden/greedy.json").toFile())
                .path("published_text")
                .asText();
        String prompt = "Once upon a time";
        Outcome outcome =
                Outcome.of("generate", "--model", stories.resolve("hf"), "--prompt", prompt, "--max-tokens", 200);
        assertThat(outcome.code()).isZero();
        assertThat(prompt + outcome.out()).startsWith(recorded);
    }

    private JsonNode result(Object... more) throws IOException {
        Object[] common = {"generate", "--json", "--model", model, "--max-tokens", 2};
        Outcome outcome = with(common, more);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        return lines(outcome).get(0);
    }

    /** The results, and last the figures of all. */
    private static List<JsonNode> lines(Outcome outcome) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : outcome.out().lines().toList()) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    private static Outcome with(Object[] common, Object... more) {
        Object[] words = new Object[common.length + more.length];
        System.arraycopy(common, 0, words, 0, common.length);
        System.arraycopy(more, 0, words, common.length, more.length);
        return Outcome.of(words);
    }
}
