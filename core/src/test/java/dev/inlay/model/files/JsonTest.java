package dev.inlay.model.files;

import static dev.inlay.model.files.HostileFile.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @TempDir
    Path directory;

    private static JsonObject object(String text) {
        return Json.parseObject(text, "config.json");
    }

    @Test
    void keysKeepTheOrderOfTheFile() {
        assertThat(object("{\"z\":1,\"a\":2,\"m\":3}").keys()).containsExactly("z", "a", "m");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":1,\"a\":2} | Duplicate field 'a'",
                "{\"o\":{\"a\":1,\"a\":1}} | Duplicate field 'a'",
                "{\"a\":NaN} | NaN",
                "{\"a\":-Infinity} | Infinity",
                "{/* c */} | '/'",
                "{\"a\":1}// c | '/'",
                "{\"a\":1,} | double-quote",
                "{'a':1} | double-quote",
                "{\"a\":1} {} | text follows",
                "{\"a\":01} | zero",
                "{\"a\":1 | end-of-input",
                "[1] | object is expected, found a list",
                "3 | object is expected, found 3",
                "`` | is empty",
            })
    void whatIsNotStrictJsonIsRefusedWithItsReason(String text, String reason) {
        assertThat(refusal(() -> object(text)).getMessage()).contains("config.json", reason);
    }

    @Test
    void limitsHold() {
        assertThat(object("{\"a\":" + "[".repeat(63) + "]".repeat(63) + "}").has("a"))
                .isTrue();
        assertThat(refusal(() -> object("{\"a\":" + "[".repeat(64) + "]".repeat(64) + "}"))
                        .getMessage())
                .contains("nesting depth");
        assertThat(object("{\"a\":1" + "0".repeat(99) + "}").has("a")).isTrue();
        assertThat(refusal(() -> object("{\"a\":1" + "0".repeat(100) + "}")).getMessage())
                .contains("Number");
        assertThat(refusal(() -> object("{\"a\":\"" + "x".repeat(20_000_001) + "\"}"))
                        .getMessage())
                .contains("String");
    }

    @Test
    void errorsNameLineAndColumn() {
        assertThat(refusal(() -> object("{\n  \"a\": 1,\n  \"b\": x\n}")).getMessage())
                .contains("line 3");
    }

    @Test
    void C1_filesThatAreMissingEmptyMarkedOrNotUtf8AreRefusedByName() throws Exception {
        Path file = directory.resolve("config.json");
        assertThat(refusal(() -> Json.readObject(file)).getMessage()).contains(file.toString(), "does not exist");
        Files.write(file, new byte[0]);
        assertThat(refusal(() -> Json.readObject(file)).getMessage()).contains(file.toString(), "is empty");
        Files.writeString(file, "\uFEFF{}");
        assertThat(refusal(() -> Json.readObject(file)).getMessage()).contains(file.toString(), "byte-order mark");
        Files.write(file, "{\"a\":\"caf\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(refusal(() -> Json.readObject(file)).getMessage()).contains(file.toString(), "byte 9", "not UTF-8");
        assertThat(refusal(() -> Json.readObject(directory)).getMessage()).contains("is a directory");
        assertThat(refusal(() -> RegularFile.read(file, 3)).getMessage()).contains("at most 3");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0", "-1", "513", "8.0", "1e2", "9223372036854775808", "\"8\"", "true", "null", "[8]", "{}"})
    void C4_integersAreExactAndInRange(String value) {
        JsonObject config = object("{\"layers\":" + value + "}");
        assertThat(refusal(() -> config.integer("layers", 1, 512)).getMessage()).contains("config.json", "'layers'");
    }

    @Test
    void integersAtTheEdgesAreTaken() {
        JsonObject config = object("{\"a\":1,\"b\":9223372036854775807,\"n\":null}");
        assertThat(config.integer("a", 1, 1)).isEqualTo(1);
        assertThat(config.integer("b", 0, Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
        assertThat(config.integer("n", 0, 9, 7)).isEqualTo(7);
        assertThat(config.integer("absent", 0, 9, 7)).isEqualTo(7);
        assertThat(config.optionalInteger("absent", 0, 9)).isEmpty();
        assertThat(refusal(() -> config.integer("absent", 0, 9)).getMessage()).contains("'absent'", "found nothing");
        assertThat(refusal(() -> config.integer("n", 0, 9)).getMessage()).contains("'n'", "found null");
        assertThat(refusal(() -> config.integer("a", 2, 9, 5)).getMessage()).contains("from 2 to 9, found 1");
    }

    @Test
    void numbersAreFinite() {
        JsonObject config = object("{\"a\":1e-5,\"b\":10000,\"c\":1e400,\"d\":\"1\"}");
        assertThat(config.number("a")).isEqualTo(1e-5);
        assertThat(config.number("b")).isEqualTo(10000);
        assertThat(config.number("x", 0.5)).isEqualTo(0.5);
        assertThat(refusal(() -> config.number("c")).getMessage()).contains("'c'", "finite number");
        assertThat(refusal(() -> config.number("d")).getMessage()).contains("'d'", "the text '1'");
    }

    @Test
    void textFlagsAndListsAreNeverConverted() {
        JsonObject config = object("{\"t\":\"x\",\"f\":true,\"l\":[\"a\",\"b\"],\"i\":[1,2],\"n\":5,\"o\":{\"k\":1}}");
        assertThat(config.text("t")).isEqualTo("x");
        assertThat(config.flag("f", false)).isTrue();
        assertThat(config.texts("l")).containsExactly("a", "b");
        assertThat(config.integers("i", 0, 9)).containsExactly(1L, 2L);
        assertThat(config.texts("absent")).isEmpty();
        assertThat(refusal(() -> config.text("n")).getMessage()).contains("'n' must be text, found 5");
        assertThat(refusal(() -> config.flag("n")).getMessage()).contains("true or false");
        assertThat(refusal(() -> config.texts("t")).getMessage()).contains("a list");
        assertThat(refusal(() -> config.texts("i")).getMessage()).contains("'i', item 0 must be text");
        assertThat(refusal(() -> config.integers("i", 0, 1)).getMessage()).contains("item 1");
        assertThat(refusal(() -> config.object("o").text("k")).getMessage()).contains("'o'", "'k'");
    }

    @Test
    void hugeNamesDoNotHideTheReason() {
        JsonObject config = object("{\"a\":\"" + "x".repeat(100_000) + "\"}");
        assertThat(refusal(() -> config.integer("a", 0, 1)).getMessage()).contains("100000 characters");
    }

    @Test
    void writtenTextIsSortedIndentedAndEndsWithANewline() {
        String text = new String(
                Json.bytes(Map.of("b", List.of(1, 2), "a", Map.of("z", 1.5, "y", true), "c", List.of())),
                StandardCharsets.UTF_8);
        assertThat(text).isEqualTo("""
                {
                  "a": {
                    "y": true,
                    "z": 1.5
                  },
                  "b": [
                    1,
                    2
                  ],
                  "c": []
                }
                """);
        assertThat(object(text).toString()).isEqualTo("{\"a\":{\"y\":true,\"z\":1.5},\"b\":[1,2],\"c\":[]}");
    }

    @Test
    void objectsWithTheSameContentInAnotherOrderGiveTheSameText() {
        assertThat(object("{\"b\":{\"d\":1,\"c\":2},\"a\":0}").toString())
                .isEqualTo(object("{\"a\":0,\"b\":{\"c\":2,\"d\":1}}").toString());
    }
}
