package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChatCommandTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String TEMPLATE =
            "{% for m in messages %}{{ m.role[0] }}:{{ m.content }}</s>{% endfor %}{% if add_generation_prompt %}a:{% endif %}";

    @TempDir
    Path folder;

    private Path model;

    @BeforeEach
    void copyModel() throws IOException {
        model = TinyModel.in(folder);
        Files.writeString(model.resolve("chat_template.jinja"), TEMPLATE);
    }

    private Outcome chat(String lines, Object... more) {
        List<Object> words = new ArrayList<>(List.of("chat", "--model", model, "--max-tokens", 12));
        words.addAll(List.of(more));
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
            return Outcome.of(words.toArray());
        } finally {
            System.setIn(before);
        }
    }

    private List<JsonNode> answers(String lines, Object... more) throws IOException {
        List<Object> words = new ArrayList<>(List.of(more));
        words.add("--json");
        Outcome outcome = chat(lines, words.toArray());
        assertThat(outcome.code()).as(outcome.err()).isZero();
        List<JsonNode> answers = new ArrayList<>();
        for (String line : outcome.out().lines().toList()) {
            answers.add(JSON.readTree(line));
        }
        return answers;
    }

    @Test
    void answersAloneGoToStandardOutput() throws IOException {
        List<JsonNode> answers = answers("Hi\nYou\n");
        Outcome shown = chat("Hi\n\nYou");
        assertThat(shown.code()).as(shown.err()).isZero();
        assertThat(answers).hasSize(2);
        String line = System.lineSeparator();
        assertThat(shown.out())
                .isEqualTo(answers.get(0).path("text").asText()
                        + line
                        + answers.get(1).path("text").asText()
                        + line);
        assertThat(shown.err()).contains("chat_template.jinja", "sampling: ", "reused");
        assertThat(chat("Hi", "--quiet").err()).isEmpty();
    }

    @Test
    void aTurnIsOneObjectThatCountsWhatWasReused() throws IOException {
        List<JsonNode> answers = answers("Hi\nYou\n", "--system", "Be.");
        int first = "s:Be.".length() + 1 + "u:Hi".length() + 1 + "a:".length();
        assertThat(answers.get(0).path("prompt_tokens").asInt()).isEqualTo(first);
        assertThat(answers.get(0).path("reused_tokens").asInt()).isZero();
        assertThat(answers.get(1).path("turn").asInt()).isEqualTo(2);
        assertThat(answers.get(1).path("prompt").asText()).isEqualTo("You");
        assertThat(answers.get(1).path("reused_tokens").asInt()).isGreaterThanOrEqualTo(first);
    }

    @Test
    void commandsChangeTheConversation() throws IOException {
        JsonNode alone = answers("You").get(0);
        assertThat(answers("Hi\n/undo\nYou").get(1).path("text")).isEqualTo(alone.path("text"));
        assertThat(answers("Hi\n/reset\nYou").get(1).path("text")).isEqualTo(alone.path("text"));
        assertThat(answers("/system Be.\n/system\nYou").get(0).path("text")).isEqualTo(alone.path("text"));
        assertThat(answers("You\n/regenerate").get(1).path("text")).isEqualTo(alone.path("text"));
        assertThat(answers("/system Be.\nYou").get(0).path("prompt_tokens").asInt())
                .isEqualTo(alone.path("prompt_tokens").asInt() + "s:Be.".length() + 1);
        assertThat(answers("//You").get(0).path("prompt").asText()).isEqualTo("/You");
        assertThat(answers("/exit\nYou")).isEmpty();
        assertThat(chat("/help", "--quiet").err()).contains("/regenerate", "/save FILE");
    }

    @Test
    void aForkGoesOnByItselfAndSharesWhatWasRead() throws IOException {
        List<JsonNode> answers = answers("Hi\n/fork side\nYou\n/fork main\nMe\n/fork side\nMe");
        List<JsonNode> alone = answers("Hi\nMe");
        assertThat(answers.get(2).path("text")).isEqualTo(alone.get(1).path("text"));
        assertThat(answers.get(3).path("text"))
                .isEqualTo(answers("Hi\nYou\nMe").get(2).path("text"));
        assertThat(answers.get(1).path("reused_tokens").asInt())
                .isEqualTo(answers("Hi\nYou").get(1).path("reused_tokens").asInt())
                .isPositive();
        assertThat(chat("Hi\n/fork side\n/fork main").err()).contains("in side (a copy), 2 turns", "in main (again)");
        assertThat(chat("/fork").err()).contains("/fork needs a name: /fork NAME");
    }

    @Test
    void anAdapterEntersAndTheBaseComesBack() throws IOException {
        Path adapter = TinyModel.RECORDED.resolve("adapters/lora");
        String changed = answers("Hi", "--adapter", adapter).get(0).path("text").asText();
        String bare = answers("Hi").get(0).path("text").asText();
        assertThat(changed).isNotEqualTo(bare);
        List<JsonNode> answers = answers("Hi\n/undo\n/adapter " + adapter + "\nHi\n/undo\n/base\nHi");
        assertThat(answers.stream().map(answer -> answer.path("text").asText())).containsExactly(bare, changed, bare);
        assertThat(chat("/adapter nowhere").code()).isNotZero();
    }

    @Test
    void aTriggerEndsTheTurnsThatFollow() throws IOException {
        List<JsonNode> answers = answers("/trigger !?\nHi\n/trigger\nYou");
        assertThat(answers.get(0).path("prompt").asText()).isEqualTo("Hi!?");
        assertThat(answers.get(1).path("prompt").asText()).isEqualTo("You");
        assertThat(answers.get(0).path("text")).isEqualTo(answers("Hi!?").get(0).path("text"));
    }

    @Test
    void aSavedConversationGoesOn() throws IOException {
        Path file = folder.resolve("talk.jsonl");
        List<JsonNode> whole = answers("Hi\n/save " + file + "\nYou");
        assertThat(answers("/load " + file + "\nYou").get(0).path("text"))
                .isEqualTo(whole.get(1).path("text"));
        assertThat(answers("You", "--load", file).get(0).path("text"))
                .isEqualTo(whole.get(1).path("text"));
        assertThat(chat("/load " + file + "\n/history").err()).contains("user: Hi", "assistant: ");
        Outcome again = chat("Hi\n/save " + file);
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.err()).contains("is there already");
    }

    @Test
    void whatALoadedConversationSaysIsNoOrderToTheTerminal() throws IOException {
        Path file = folder.resolve("talk.jsonl");
        Files.writeString(file, "{\"messages\": [{\"role\": \"user\", \"content\": \"a\\u001b[2Jb\"}]}");
        assertThat(chat("/load " + file + "\n/history").err()).contains("user: a\uFFFD[2Jb");
        assertThat(chat("/load a\0b").code()).isEqualTo(2);
    }

    @Test
    void anUnknownCommandNamesTheNearest() throws IOException {
        Outcome outcome = chat("/udno", "--json", "--quiet");
        assertThat(outcome.code()).isEqualTo(2);
        JsonNode error = JSON.readTree(outcome.err());
        assertThat(error.path("message").asText()).isEqualTo("unknown command \"/udno\"; nearest: /undo; try: /help");
        assertThat(error.path("found").asText()).isEqualTo("/udno");
        assertThat(error.path("nearest").asText()).isEqualTo("/undo");
        assertThat(error.path("try").asText()).isEqualTo("/help");
    }

    @Test
    void aConversationBeyondTheContextSaysWhatToDo() {
        Outcome outcome = chat("Hi\n" + "x".repeat(200));
        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.err()).contains("128", "undo").doesNotContain("\tat ");
        assertThat(chat("x".repeat(120)).err()).contains("context is full: /undo");
    }

    @Test
    void aModelWithoutATemplateIsBadData() throws IOException {
        Files.delete(model.resolve("chat_template.jinja"));
        Outcome outcome = chat("Hi");
        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.err().lines()).hasSize(1).first().asString().contains("no chat template", "generate");
    }

    @Test
    void standardInputOfAnotherEncodingIsBadData() {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream(new byte[] {'H', (byte) 0xFC, '\n'}));
            Outcome outcome = Outcome.of("chat", "--model", model, "--quiet");
            assertThat(outcome.code()).isEqualTo(3);
            assertThat(outcome.err()).contains("UTF-8");
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void theModelsFileDecidesHowToDrawUnlessAFlagDoes() throws IOException {
        String greedy = answers("Hi").get(0).path("text").asText();
        Path file = model.resolve("generation_config.json");
        Files.writeString(file, "{\"do_sample\": true, \"temperature\": 50.0, \"top_k\": 0, \"num_beams\": 4}");
        assertThat(answers("Hi").get(0).path("text").asText()).isNotEqualTo(greedy);
        assertThat(answers("Hi", "--greedy").get(0).path("text").asText()).isEqualTo(greedy);
        assertThat(answers("Hi", "--temperature", 0).get(0).path("text").asText())
                .isEqualTo(greedy);
        assertThat(chat("Hi").err()).contains("temperature 50.0", "generation_config.json", "num_beams not applied");
        Files.writeString(file, "{\"top_p\": 7}");
        Outcome wrong = chat("Hi");
        assertThat(wrong.code()).isEqualTo(3);
        assertThat(wrong.err().lines()).hasSize(1).first().asString().contains("generation_config.json", "top_p", "7");
    }

    @Test
    void anEndOfTurnThatIsNoEosTokenIsWarnedOfAndEndsAnswers() throws IOException {
        assertThat(chat("Hi").err()).doesNotContain("warning");
        Files.writeString(model.resolve("chat_template.jinja"), TEMPLATE.replace("</s>", "<s>"));
        assertThat(chat("Hi").err())
                .contains("warning: the chat template ends a turn with 1 <s>", "stop ids: 1 <s>, 2 </s>");
    }
}
