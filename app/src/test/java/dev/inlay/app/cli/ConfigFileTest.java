package dev.inlay.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFileTest {
    @TempDir
    Path folder;

    private Path model;

    @BeforeEach
    void copyModel() throws IOException {
        model = TinyModel.in(folder);
    }

    @Test
    void fileStandsBetweenDefaultAndFlag() throws IOException {
        Path file = config("model: " + model + "\nprompt: Hello\nmax-tokens: 3\nraw: true\n");
        assertThat(tokens("--config", file)).isEqualTo(3);
        assertThat(tokens("--config=" + file, "--max-tokens", 5)).isEqualTo(5);
    }

    @Test
    void flagOfTheFileCanBeSwitchedOff() throws IOException {
        Path file = config("model: " + model + "\nprompt: Hi\nsystem: Be brief.\nraw: true\n");
        Files.writeString(model.resolve("chat_template.jinja"), "{{ messages[0].content }}");
        assertThat(Outcome.of("generate", "--config", file).code()).isEqualTo(2);
        assertThat(Outcome.of("generate", "--config", file, "--no-raw", "--max-tokens", 1)
                        .code())
                .isZero();
    }

    @Test
    void unknownKeyNamesTheNearest() throws IOException {
        Outcome outcome = Outcome.of("generate", "--config", config("max-tokns: 3\n"));
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.err().lines())
                .hasSize(1)
                .first()
                .asString()
                .contains("unknown key \"max-tokns\"", "nearest: max-tokens");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "max-tokens: 3\nmax-tokens: 4\n",
                "max-tokens: {a: 1}\n",
                "max-tokens: [1, 2]\n",
                "- max-tokens\n",
                "",
                "max-tokens: [1\n",
                "config: other.yaml\n",
                "help: true\n",
                "max-tokens: many\n"
            })
    void wrongFileIsWrongUsageInOneLine(String text) throws IOException {
        Outcome outcome = Outcome.of("generate", "--model", model, "--prompt", "Hi", "--config", config(text));
        assertThat(outcome.code()).as(outcome.err()).isEqualTo(2);
        assertThat(outcome.err().lines()).hasSize(1);
    }

    @Test
    void missingFileIsNamed() {
        Outcome outcome = Outcome.of("generate", "--config", folder.resolve("absent.yaml"), "--json");
        assertThat(outcome.code()).isEqualTo(3);
        assertThat(outcome.err()).startsWith("{").contains("absent.yaml");
    }

    private int tokens(Object... words) throws IOException {
        Object[] all = new Object[words.length + 2];
        all[0] = "generate";
        all[1] = "--json";
        System.arraycopy(words, 0, all, 2, words.length);
        Outcome outcome = Outcome.of(all);
        assertThat(outcome.code()).as(outcome.err()).isZero();
        return JsonMapper.builder()
                .build()
                .readTree(outcome.out().lines().findFirst().orElseThrow())
                .path("tokens")
                .asInt();
    }

    private Path config(String text) throws IOException {
        return Files.writeString(folder.resolve("config.yaml"), text);
    }
}
