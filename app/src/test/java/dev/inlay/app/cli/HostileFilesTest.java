package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bad files through the command line: one line, the right exit code, and nothing left behind. */
class HostileFilesTest {
    @TempDir
    Path folder;

    private Path model;
    private Path data;
    private Path adapter;
    private Path out;

    @BeforeEach
    void lay() throws IOException {
        model = TinyModel.in(folder);
        data = TinyData.in(folder, 20);
        adapter = Files.createDirectory(folder.resolve("adapter"));
        for (String name : List.of("adapter_config.json", "adapter_model.safetensors")) {
            Files.copy(TinyModel.RECORDED.resolve("adapters/lora").resolve(name), adapter.resolve(name));
        }
        out = Files.createDirectory(folder.resolve("out"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "S1 | model.safetensors | '' | is empty",
                "S7 | model.safetensors | '\u0007\0\0\0\0\0\0\0{\"a\": {' | not valid JSON",
                "S29 | model.safetensors | 'version https://git-lfs.github.com/spec/v1' | git lfs pull",
                "C1 | config.json | '' | is empty",
                "C2 | config.json | '{\"model_type\": \"\\u001b[31mred\"}' | is not supported",
                "C14 | config.json | '{\"model_type\": \"llama\", \"model_type\": \"llama\"}' | Duplicate",
                "T1 | tokenizer.json | '{\"model\": {\"type\": \"Unigram\", \"vocab\": []}}' | 'Unigram'"
            })
    void modelFilesEndEveryCommandWithCode3(String number, String file, String content, String reason)
            throws IOException {
        Files.write(model.resolve(file), content.getBytes(StandardCharsets.ISO_8859_1));
        String[] words = {file, reason};
        assertRefused(3, words, "train", "--model", model, "--data", data, "--out", out.resolve("run"));
        assertRefused(3, words, "plan", "--model", model, "--data", data);
        assertRefused(3, words, "generate", "--model", model, "--prompt", "a");
        assertRefused(3, words, "evaluate", "--model", model, "--data", data);
        if (!file.equals("tokenizer.json")) {
            assertRefused(3, words, "merge", "--model", model, "--adapter", adapter, "--out", out.resolve("merged"));
            assertRefused(3, words, "check", adapter, "--model", model);
            assertRefused(3, words, "logits", "--model", model, "--tokens", tokens("[[1]]"), "--out", logits());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "H8 | '[[1, -1]]' | -1",
                "H8 | '[[1, 96]]' | 96",
                "H8 | '[[1], [9223372036854775808]]' | place 0 of row 1",
                "H8 | '[[1.5]]' | no token id",
                "H8 | '[[]]' | row 0",
                "H8 | '[]' | list of rows",
                "C14 | '[[1], [2' | not valid JSON"
            })
    void tokenFilesEndWithCode3(String number, String content, String reason) throws IOException {
        Path tokens = tokens(content);
        assertRefused(3, new String[] {reason}, "logits", "--model", model, "--tokens", tokens, "--out", logits());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "D1 | '\n\n' | prompts.jsonl",
                "D2 | '{\"prompt\": \"a\"}\n{' | line 2",
                "D3 | '{\"prompt\": 5}' | line 1",
                "D3 | '{\"prompt\": \"a\", \"adaptor\": \"x\"}' | adaptor",
                "D4 | '{\"prompt\": \"caf\u00e9\"}' | UTF-8"
            })
    void promptFilesEndWithCode3(String number, String content, String reason) throws IOException {
        Path prompts = folder.resolve("prompts.jsonl");
        Files.write(prompts, content.getBytes(StandardCharsets.ISO_8859_1));
        assertRefused(3, new String[] {reason}, "generate", "--model", model, "--prompts", prompts);
    }

    private Path tokens(String content) throws IOException {
        return Files.writeString(folder.resolve("tokens.json"), content);
    }

    private Path logits() {
        return out.resolve("logits.safetensors");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "A2 | adapter_config.json | '{\"peft_type\": \"IA3\"}' | IA3",
                "A3 | adapter_config.json | '{\"peft_type\": \"LORA\", \"r\": -1}' | r must be at least 1",
                "A8 | adapter_config.json | '{\"peft_type\": \"LORA\", \"target_modules\": \"(\"}' | parenthesis",
                "S28 | adapter_model.safetensors | 'PK\u0003\u0004archive/data.pkl----------' | zip archive",
                "S2 | adapter_model.safetensors | '1234567' | has only 7 bytes"
            })
    void adapterFilesEndEveryCommandWithCode4(String number, String file, String content, String reason)
            throws IOException {
        Files.write(adapter.resolve(file), content.getBytes(StandardCharsets.ISO_8859_1));
        String[] words = {file, reason};
        assertRefused(4, words, "generate", "--model", model, "--adapter", adapter, "--prompt", "a");
        assertRefused(4, words, "merge", "--model", model, "--adapter", adapter, "--out", out.resolve("merged"));
        assertRefused(4, words, "evaluate", "--model", model, "--adapter", adapter, "--data", data);
        assertRefused(4, words, "info", adapter);
        Path tokens = tokens("[[1]]");
        assertRefused(
                4, words, "logits", "--model", model, "--adapter", adapter, "--tokens", tokens, "--out", logits());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "D1 | '\n\n' | no rows",
                "D2 | '{\"text\": \"a\"}\n{' | rows.jsonl line 2",
                "D3 | '{\"text\": 5}' | rows.jsonl line 1",
                "D4 | '{\"text\": \"caf\u00e9\"}' | UTF-8",
                "D6 | '{\"messages\": [{\"role\": \"robot\", \"content\": \"\"}]}' | unknown role 'robot'"
            })
    void dataFilesEndTrainingWithCode3BeforeItBegins(String number, String content, String reason) throws IOException {
        Files.write(data, content.getBytes(StandardCharsets.ISO_8859_1));
        String[] words = {"rows.jsonl", reason};
        assertRefused(3, words, "train", "--model", model, "--data", data, "--out", out.resolve("run"));
        assertRefused(3, words, "plan", "--model", model, "--data", data);
        assertRefused(3, words, "evaluate", "--model", model, "--data", data);
    }

    @Test
    void D10_namedPipeAsDataEndsTraining() throws Exception {
        Path pipe = folder.resolve("pipe.jsonl");
        Process process = new ProcessBuilder("mkfifo", pipe.toString()).start();
        assumeTrue(process.waitFor() == 0, "skipped: no named pipes here");
        String[] words = {"pipe.jsonl", "not a regular file"};
        assertRefused(3, words, "train", "--model", model, "--data", pipe, "--out", out.resolve("run"));
    }

    /** What a file calls itself may reach a warning, and must not move the cursor there. */
    @Test
    void warningsShowNoControlCharacters() throws IOException {
        Path config = model.resolve("config.json");
        String text = Files.readString(config);
        String red = text.replaceFirst("\"(torch_)?dtype\": \"float32\"", "\"dtype\": \"\\\\u001b[31mred\\\\n\"");
        assertThat(red).isNotEqualTo(text);
        Files.writeString(config, red);
        Outcome outcome = Outcome.of("generate", "--model", model, "--prompt", "a", "--max-tokens", 1, "--raw");
        assertThat(outcome.code()).as(outcome.err()).isZero();
        assertThat(outcome.err())
                .contains("warning: ", "declares \uFFFD[31mred\uFFFD")
                .doesNotContain("\u001b");
    }

    private void assertRefused(int code, String[] reasons, Object... words) throws IOException {
        Outcome outcome = Outcome.of(words);
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(code);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err().lines()).hasSize(1);
        assertThat(outcome.err())
                .startsWith("error: ")
                .contains(reasons)
                .doesNotContain("Exception", "\tat ", "\u001b");
        try (Stream<Path> left = Files.list(out)) {
            assertThat(left).isEmpty();
        }
    }
}
