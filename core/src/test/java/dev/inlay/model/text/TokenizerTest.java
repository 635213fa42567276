package dev.inlay.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {
    private final Tokenizer tokenizer = Tokenizer.load(Fixtures.resource("tokenizer"));

    @AfterEach
    void close() {
        tokenizer.close();
    }

    @Test
    void idsSpansAndTextsEqualTheRecordedOnes() {
        for (JsonNode expected : Fixtures.json(Fixtures.resource("tokenizer/cases.json"))) {
            String text = expected.path("text").asText();
            assertThat(tokenizer.encode(text)).as(text).isEqualTo(Fixtures.ints(expected.path("encode")));
            assertThat(tokenizer.encodeRaw(text)).as(text).isEqualTo(Fixtures.ints(expected.path("raw")));
            Encoded templated = tokenizer.encodeTemplated(text);
            assertThat(templated.ids()).as(text).isEqualTo(Fixtures.ints(expected.path("templated")));
            for (int i = 0; i < templated.ids().length; i++) {
                JsonNode span = expected.path("spans").path(i);
                assertThat(text.codePointCount(0, templated.starts()[i]))
                        .as("start of token %d of %s", i, text)
                        .isEqualTo(span.path(0).asInt());
                assertThat(text.codePointCount(0, templated.ends()[i]))
                        .as("end of token %d of %s", i, text)
                        .isEqualTo(span.path(1).asInt());
            }
            assertThat(tokenizer.decode(templated.ids()))
                    .isEqualTo(expected.path("decoded").asText());
            assertThat(tokenizer.decodeWithSpecials(templated.ids()))
                    .isEqualTo(expected.path("decoded_with_specials").asText());
        }
    }

    @Test
    void spansCountUtf16UnitsBehindCharactersOutsideTheBasicPlane() {
        Encoded encoded = tokenizer.encodeTemplated("👍<s>x");
        int last = encoded.ids().length - 1;
        assertThat(encoded.starts()[last]).isEqualTo(5);
        assertThat(encoded.ends()[last]).isEqualTo(6);
        assertThat(encoded.starts()[0]).isZero();
        assertThat(encoded.ends()[0]).isEqualTo(2);
    }

    @Test
    void specialIdsComeFromTheFiles() {
        assertThat(tokenizer.vocabularySize()).isEqualTo(296);
        assertThat(tokenizer.bos()).hasValue(0);
        assertThat(tokenizer.eos()).hasValue(3);
        assertThat(tokenizer.id("<|im_start|>")).hasValue(2);
        assertThat(tokenizer.id("no such token")).isEmpty();
        assertThat(tokenizer.isControl(3)).isTrue();
        assertThat(tokenizer.isControl(4)).isFalse();
        assertThat(tokenizer.sha256()).hasSize(64);
    }

    @Test
    void stopIdsAreTheUnionOfAllFiles(@TempDir Path directory) throws Exception {
        Fixtures.changed(directory, root -> {});
        Files.writeString(directory.resolve("generation_config.json"), "{\"eos_token_id\": [1, 7]}");
        Files.writeString(directory.resolve("config.json"), "{\"eos_token_id\": 9, \"bos_token_id\": 5}");
        Files.writeString(directory.resolve("tokenizer_config.json"), "{\"eos_token\": {\"content\": \"<|im_end|>\"}}");
        try (Tokenizer union = Tokenizer.load(directory)) {
            assertThat(union.stopIds()).containsExactly(1, 3, 7, 9);
            assertThat(union.eos()).hasValue(3);
            assertThat(union.bos()).hasValue(5);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"2\"", "-1", "1.5", "[1, \"x\"]", "{}", "4294967296"})
    void stopIdsOfAnotherShapeAreRefused(String ids, @TempDir Path directory) throws Exception {
        Fixtures.changed(directory, root -> {});
        Files.writeString(directory.resolve("generation_config.json"), "{\"eos_token_id\": " + ids + "}");
        assertThatThrownBy(() -> Tokenizer.load(directory).close())
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("generation_config.json")
                .hasMessageContaining("eos_token_id");
    }

    @Test
    void T15_largestIdBeyondTheEmbedding_namesBothNumbers() {
        tokenizer.checkAgainst(296);
        tokenizer.checkAgainst(320);
        assertThatThrownBy(() -> tokenizer.checkAgainst(295))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("295")
                .hasMessageContaining("below 295")
                .hasMessageContaining("largest token id is 295");
    }

    @Test
    void paddingRowsOfTheModelHaveNoText() {
        assertThat(tokenizer.decode(new int[] {260, 100_000, 68})).isEqualTo("hea");
        assertThatThrownBy(() -> tokenizer.decode(new int[] {-1})).hasMessageContaining("-1");
    }

    @Test
    void streamedTextEqualsTheWholeAndNeverShowsHalfACharacter() {
        int[] ids = tokenizer.encodeRaw("a 👩‍👩‍👧 한국어, é x");
        StreamDecoder stream = tokenizer.stream();
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            String piece = stream.accept(id);
            assertThat(piece).doesNotContain("\uFFFD");
            text.append(piece);
        }
        assertThat(text.append(stream.finish())).hasToString("a 👩‍👩‍👧 한국어, é x");
    }

    @Test
    void streamedTextEqualsTheWholeForRandomIds() {
        Random random = new Random(11);
        for (int round = 0; round < 50; round++) {
            int[] ids = random.ints(80, 0, 300).toArray();
            assertThat(streamed(tokenizer, new int[0], ids)).isEqualTo(tokenizer.decode(ids));
        }
    }

    @Test
    void aClosedTokenizerSaysSo() {
        tokenizer.close();
        tokenizer.close();
        assertThatThrownBy(() -> tokenizer.encode("x")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void manyThreadsGetTheSameIds() {
        int[] expected = tokenizer.encode("the mill and the sea");
        assertThat(IntStream.range(0, 2000)
                        .parallel()
                        .allMatch(i -> Arrays.equals(tokenizer.encode("the mill and the sea"), expected)))
                .isTrue();
    }

    static String streamed(Tokenizer tokenizer, int[] context, int[] ids) {
        StreamDecoder stream = tokenizer.stream(context);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(stream.accept(id));
        }
        return text.append(stream.finish()).toString();
    }
}
