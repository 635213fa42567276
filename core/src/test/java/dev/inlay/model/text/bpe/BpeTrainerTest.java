package dev.inlay.model.text.bpe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.model.files.Json;
import dev.inlay.model.text.ChatTemplate;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.testing.Golden;
import dev.inlay.testing.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class BpeTrainerTest {
    private static final Path RECORDED = Golden.path("bpe");

    @TempDir
    Path folder;

    @Test
    void mergesAndIdsAreThoseOfTheLibrary() throws IOException {
        JsonNode recorded = Json.read(RECORDED.resolve("learned.json"));
        BytePairs learned = learn(corpus(), recorded.path("tokens").size());
        List<String> tokens = new ArrayList<>();
        recorded.path("tokens").forEach(token -> tokens.add(token.asText()));
        List<BytePairs.Merge> merges = new ArrayList<>();
        recorded.path("merges")
                .forEach(merge -> merges.add(new BytePairs.Merge(
                        merge.path(0).asText(), merge.path(1).asText())));
        assertThat(learned.merges()).isEqualTo(merges);
        assertThat(learned.tokens()).isEqualTo(tokens);
    }

    @Test
    void writtenTokenizerEncodesAsTheLibraryDoes() throws IOException {
        JsonNode recorded = Json.read(RECORDED.resolve("learned.json"));
        TokenizerWriter.write(learn(corpus(), recorded.path("tokens").size()), folder);
        try (Tokenizer tokenizer = Tokenizer.load(folder)) {
            for (JsonNode each : recorded.path("cases")) {
                int[] ids = new int[each.path("ids").size()];
                for (int i = 0; i < ids.length; i++) {
                    ids[i] = each.path("ids").path(i).asInt();
                }
                assertThat(tokenizer.encodeRaw(each.path("text").asText()))
                        .as(each.path("text").asText())
                        .isEqualTo(ids);
            }
        }
    }

    /** The incremental counts against the definition: count all pairs anew before every merge. */
    @TestFactory
    Stream<DynamicTest> everyMergeIsTheMostFrequentPair() {
        return Seeds.each(20, random -> {
            String text = random(random, 400, "abc ");
            BytePairs learned = learn(text, 256 + ControlTokens.all().size() + 12);
            List<List<String>> words = words(text);
            for (BytePairs.Merge merge : learned.merges()) {
                assertThat(merge).isEqualTo(mostFrequent(words, learned.tokens()));
                words = words.stream().map(word -> merged(word, merge)).toList();
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> decodingGivesTheTextBack() throws IOException {
        TokenizerWriter.write(learn(corpus(), 400), folder);
        Tokenizer tokenizer = Tokenizer.load(folder);
        return Stream.concat(
                Seeds.each(30, random -> {
                    String text = characters(random);
                    assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
                }),
                Stream.of(DynamicTest.dynamicTest("close", tokenizer::close)));
    }

    @Test
    void beginEndAndPaddingAreNamed() throws IOException {
        TokenizerWriter.write(learn("a", 272), folder);
        try (Tokenizer tokenizer = Tokenizer.load(folder)) {
            assertThat(tokenizer.bos()).hasValue(1);
            assertThat(tokenizer.eos()).hasValue(2);
            assertThat(tokenizer.stopIds()).containsExactly(2);
            assertThat(tokenizer.vocabularySize()).isEqualTo(272);
            assertThat(tokenizer.encode("a")[0]).isEqualTo(1);
            assertThat(tokenizer.isControl(tokenizer.id(ControlTokens.TRIGGER).orElseThrow()))
                    .isTrue();
        }
    }

    @Test
    void templateMakesATriggerOfTheDeveloper() throws IOException {
        TokenizerWriter.write(learn("a", 272), folder);
        ChatTemplate template = ChatTemplate.load(folder).orElseThrow();
        String text = template.render(
                        Conversation.of(List.of(
                                new Message("user", "Hello"),
                                new Message("assistant", "Good day."),
                                new Message("developer", "True?"))),
                        true)
                .text();
        assertThat(text)
                .isEqualTo("<|begin|><|user|>Hello<|end|><|assistant|>Good day.<|end|>"
                        + "<|trigger|>True?<|/trigger|><|assistant|>");
        Conversation tool = Conversation.of(List.of(new Message("tool", "x")));
        assertThatThrownBy(() -> template.render(tool, false)).hasMessageContaining("unknown role tool");
    }

    @Test
    void vocabularyTooSmallForTheBytesIsRefused() {
        assertThatThrownBy(() -> learn("a", 271))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("at least 272, was 271");
    }

    @Test
    void learningEndsWhenNoPairIsLeft() {
        assertThat(learn("ab", 1000).merges()).containsExactly(new BytePairs.Merge("a", "b"));
    }

    /** Words as the rule cuts them, where a text has letters and single spaces only. */
    private static List<List<String>> words(String text) {
        List<List<String>> words = new ArrayList<>();
        WordCounts counts = new WordCounts();
        counts.add(text);
        counts.spelled().forEach((word, count) -> {
            for (long i = 0; i < count; i++) {
                words.add(List.of(word.split("", -1)).stream()
                        .filter(letter -> !letter.isEmpty())
                        .toList());
            }
        });
        return words;
    }

    private static BytePairs.Merge mostFrequent(List<List<String>> words, List<String> order) {
        Map<BytePairs.Merge, Integer> counts = new HashMap<>();
        for (List<String> word : words) {
            for (int at = 0; at + 1 < word.size(); at++) {
                counts.merge(new BytePairs.Merge(word.get(at), word.get(at + 1)), 1, Integer::sum);
            }
        }
        return counts.entrySet().stream()
                .min(Map.Entry.<BytePairs.Merge, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(pair -> order.indexOf(pair.getKey().left()))
                        .thenComparing(pair -> order.indexOf(pair.getKey().right())))
                .orElseThrow()
                .getKey();
    }

    private static List<String> merged(List<String> word, BytePairs.Merge merge) {
        List<String> merged = new ArrayList<>();
        for (int at = 0; at < word.size(); at++) {
            boolean here = at + 1 < word.size()
                    && word.get(at).equals(merge.left())
                    && word.get(at + 1).equals(merge.right());
            merged.add(here ? merge.left() + merge.right() : word.get(at));
            at += here ? 1 : 0;
        }
        return merged;
    }

    private static String corpus() throws IOException {
        return Files.readString(RECORDED.resolve("corpus.txt"));
    }

    private static BytePairs learn(String text, int size) {
        WordCounts counts = new WordCounts();
        counts.add(text);
        return BpeTrainer.learn(counts, size, ControlTokens.all(), learned -> {});
    }

    private static String random(Random random, int length, String alphabet) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    /** Any characters but halves of pairs and the one that marks control tokens. */
    private static String characters(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            int character = random.nextInt(random.nextBoolean() ? 0x80 : 0x110000);
            boolean half = character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
            text.appendCodePoint(half || character == 0xFDD0 ? ' ' : character);
        }
        return text.toString();
    }
}
