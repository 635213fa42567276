package dev.inlay.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.testing.SharedData;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("data")
class RealTokenizersTest {
    private static final String STORIES = "stories260K/hf";
    private static final String GPT2 = "hf-tokenizers/gpt2";
    private static final String PHI3 = "hf-tokenizers/phi-3-mini";

    @Test
    void stories260KEncodesAllRecordedTextsAsRecordedAndBack() {
        JsonNode cases = Fixtures.json(SharedData.require("stories260K/golden/tok512_cases.json"))
                .path("cases");
        assertThat(cases).hasSize(97);
        try (Tokenizer tokenizer = load(STORIES)) {
            for (JsonNode expected : cases) {
                String text = expected.path("text").asText();
                int[] ids = tokenizer.encode(text);
                assertThat(ids).as(text).isEqualTo(Fixtures.ints(expected.path("ids")));
                assertThat(tokenizer.decode(ids)).isEqualTo(text);
                assertThat(TokenizerTest.streamed(tokenizer, new int[0], ids)).isEqualTo(text);
            }
            tokenizer.checkAgainst(512);
            assertThat(tokenizer.stopIds()).containsExactly(2);
            assertThat(tokenizer.bos()).hasValue(1);
        }
    }

    @Test
    void gpt2EncodesAndDecodesTheMultilingualTextsAsRecorded() {
        multilingual(GPT2, "openai-community__gpt2", 0);
    }

    /** The same 32,000 tokens; the recorded ids have a BOS in front that this file does not add. */
    @Test
    void phi3EncodesAndDecodesTheMultilingualTextsAsTinyLlama() {
        multilingual(PHI3, "TinyLlama__TinyLlama-1.1B-Chat-v1.0", 1);
    }

    private static void multilingual(String directory, String recorded, int bos) {
        Map<String, String> texts = texts();
        JsonNode entries = Fixtures.json(SharedData.require("tokenizer-golden/multilingual/" + recorded + ".json"))
                .path("entries");
        assertThat(entries).hasSize(30);
        try (Tokenizer tokenizer = load(directory)) {
            for (Map.Entry<String, JsonNode> entry : entries.properties()) {
                int[] all = Fixtures.ints(entry.getValue().path("input_ids"));
                int[] expected = Arrays.copyOfRange(all, bos, all.length);
                assertThat(tokenizer.encodeRaw(texts.get(entry.getKey())))
                        .as(entry.getKey())
                        .isEqualTo(expected);
                assertThat(tokenizer.decode(expected))
                        .as(entry.getKey())
                        .isEqualTo(entry.getValue().path("decoded_skip_special").asText());
                assertThat(TokenizerTest.streamed(tokenizer, new int[0], expected))
                        .isEqualTo(tokenizer.decode(expected));
            }
        }
    }

    private static Map<String, String> texts() {
        Map<String, String> texts = new HashMap<>();
        Fixtures.json(SharedData.require("tokenizer-golden/multilingual/inputs.json"))
                .path("inputs")
                .forEach(input ->
                        texts.put(input.path("id").asText(), input.path("text").asText()));
        return texts;
    }

    @ParameterizedTest
    @ValueSource(strings = {STORIES, GPT2, PHI3})
    void guardedAndUntouchedTokenizersAgreeOnTextWithoutControlTokens(String directory) {
        Random random = new Random(5);
        List<String> words = new ArrayList<>(texts().values());
        words.addAll(List.of("<", "s", ">", "|", "<|", "end", "|>", "</", "\u00a0", "  ", "\n\n", "<|im_", "_end|>"));
        try (Tokenizer tokenizer = load(directory)) {
            for (int round = 0; round < 300; round++) {
                StringBuilder text = new StringBuilder();
                random.ints(6, 0, words.size()).forEach(i -> text.append(words.get(i)));
                String free = text.toString().replaceAll("<(/?s|\\|\\w+\\|)>", "");
                assertThat(tokenizer.encodeRaw(free))
                        .isEqualTo(tokenizer.encodeTemplated(free).ids());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {STORIES, GPT2, PHI3})
    void T14_noControlTokenCanBeTyped(String directory) {
        try (Tokenizer tokenizer = load(directory)) {
            int[] control = IntStream.range(0, tokenizer.vocabularySize())
                    .filter(tokenizer::isControl)
                    .toArray();
            assertThat(control).isNotEmpty();
            for (int id : control) {
                String typed = tokenizer.decodeWithSpecials(new int[] {id});
                assertThat(tokenizer.encodeTemplated(typed).ids()).as(typed).containsExactly(id);
                assertThat(tokenizer.encodeRaw("a " + typed + "b")).as(typed).doesNotContain(control);
                assertThat(tokenizer.decode(tokenizer.encodeRaw("a " + typed + "b")))
                        .isEqualTo("a " + typed + "b");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {STORIES, GPT2, PHI3})
    void streamedTextEqualsTheWholeForRandomIds(String directory) {
        Random random = new Random(3);
        try (Tokenizer tokenizer = load(directory)) {
            for (int round = 0; round < 60; round++) {
                int most = round % 2 == 0 ? 260 : tokenizer.vocabularySize();
                int[] ids = random.ints(60, 0, most).toArray();
                assertThat(TokenizerTest.streamed(tokenizer, new int[0], ids)).isEqualTo(tokenizer.decode(ids));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {STORIES, GPT2, PHI3})
    void streamedTextContinuesItsContext(String directory) {
        try (Tokenizer tokenizer = load(directory)) {
            int[] all = tokenizer.encode("Once upon a time, there was 한국어 and 👍🏽 é.");
            for (int cut = 1; cut < all.length; cut++) {
                int[] context = Arrays.copyOf(all, cut);
                String before = tokenizer.decode(context).replaceAll("\uFFFD+$", "");
                String after = TokenizerTest.streamed(tokenizer, context, Arrays.copyOfRange(all, cut, all.length));
                assertThat(before + after).isEqualTo(tokenizer.decode(all));
            }
        }
    }

    @Test
    void T1_unigramIsRefusedByName() {
        Path directory = SharedData.require("hf-tokenizers/t5-small-unigram");
        assertThatThrownBy(() -> Tokenizer.load(directory))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("BPE");
    }

    /** Its vocabulary has four tokens, its added tokens begin at 32003: the ids of the file cannot be kept. */
    @Test
    void T5_addedTokensBehindAHoleAreRefusedByName() {
        Path directory = SharedData.require("hf-tokenizers/added-tokens");
        assertThatThrownBy(() -> Tokenizer.load(directory))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("'<|placeholder2|>'")
                .hasMessageContaining("32003");
    }

    private static Tokenizer load(String directory) {
        return Tokenizer.load(SharedData.require(directory));
    }
}
