package dev.inlay.model.text;

import static dev.inlay.model.text.Fixtures.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HostileTokenizerTest {
    private static final String ADDED = "{'id': %s, 'content': '%s', 'special': true, 'normalized': false, "
            + "'single_word': false, 'lstrip': false, 'rstrip': false}";

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"Unigram", "WordPiece", "WordLevel", "Foo"})
    void T1_modelOfAnotherType(String type) {
        refused(root -> model(root).put("type", type), "model type '" + type + "'", "BPE");
    }

    @Test
    void T2_mergeOfTokensOutsideTheVocabulary() {
        refused(root -> merges(root).add(node("{'x': ['zq', 'qz']}").path("x")), "'zq'", "not in the vocabulary");
        refused(root -> merges(root).add("a n"), "'an'", "not in the vocabulary");
        refused(root -> merges(root).add("a " + "n".repeat(3000)), "not in the vocabulary");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a b c", "   ", "a  b", " a", "a "})
    void T3_mergeThatIsNotTwoTokens(String merge) {
        refused(root -> merges(root).insert(0, merge), "merge 1", "two tokens");
    }

    @Test
    void T4_mergesAsPairsOrAsTextsGiveTheSameIds() {
        int[] pairs = ids(root -> {}, "the mill");
        int[] texts = ids(
                root -> {
                    ArrayNode list = root.arrayNode();
                    merges(root)
                            .forEach(m -> list.add(
                                    m.path(0).asText() + " " + m.path(1).asText()));
                    model(root).set("merges", list);
                },
                "the mill");
        assertThat(texts).isEqualTo(pairs).hasSize(4);
    }

    @Test
    void T5_idsThatAreNotCounted() {
        refused(root -> vocab(root).put("he", 5), "two tokens have the id 5");
        refused(root -> vocab(root).put("zz", 5000), "no token has the id 296");
        refused(root -> vocab(root).put("zz", -1), "id -1");
        refused(root -> vocab(root).put("zz", 1L << 31), "id 2147483648");
        refused(root -> vocab(root).put("zz", 3.5), "id 3.5");
        refused(root -> added(root).add(node(ADDED.formatted("4000", "zz"))), "id 4000", "gets id 296");
        refused(root -> added(root).add(node(ADDED.formatted("4294967295", "zz"))), "4294967295");
    }

    @Test
    void T5_sameTokenTwiceInTheFile() {
        refusedText("{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"a\": 1}, \"merges\": []}}", "Duplicate");
    }

    @Test
    void T6_byteFallbackWithoutAllBytes() {
        refused(root -> model(root).put("byte_fallback", true), "<0x00>", "missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<0x-1>", "<0xGG>", "<0xff>"})
    void T6_tokenThatOnlyLooksLikeAByte(String token) {
        refused(
                root -> {
                    model(root).put("byte_fallback", true);
                    for (int b = 0; b < 256; b++) {
                        vocab(root).put("<0x%02X>".formatted(b), 296 + b);
                    }
                    vocab(root).put(token, 296 + 256);
                },
                "'" + token + "' is not a byte token");
    }

    @Test
    void T7_unknownTokenOutsideTheVocabulary() {
        refused(root -> model(root).put("unk_token", "<nope>"), "'<nope>'");
    }

    @Test
    void T8_postProcessorWithUndefinedToken() {
        refused(root -> processor(root).set("special_tokens", node("{}")), "'<s>'", "does not define");
        refused(root -> processor(root).set("single", root.arrayNode()), "exactly once");
        refused(
                root -> processor(root).withArray("single").add(node("{'Sequence': {'id': 'B', 'type_id': 0}}")),
                "does not define");
        refused(
                root -> ((ObjectNode) processor(root).path("special_tokens").path("<s>"))
                        .set("ids", root.arrayNode().add(1L << 31)),
                "2147483648");
        refused(
                root -> root.set(
                        "post_processor", node("{'type': 'RobertaProcessing', 'sep': ['</s>', 9], 'cls': ['<s>', 0]}")),
                "'</s>' the id 9");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a+)+$",
                "(a*)*b",
                "((a|a)*)*c",
                "a*a*a*b",
                "\\s+\\s+x",
                "(a)\\1",
                "(?<x>a\\g<x>)",
                "(?~ab)",
                "(a{1,1000}){1,1000}",
                "",
                "(a",
                "a)",
                "[a",
                "a**",
                "(*FAIL)",
                "a\\",
                "(?:a*b*)c"
            })
    void T9_regexThatCouldExplodeOrIsBroken(String regex) {
        refused(root -> root.set("pre_tokenizer", split(regex)), "regular expression");
    }

    @Test
    void T9_unknownPropertyIsTheLibrarysOwnError() {
        refused(root -> root.set("pre_tokenizer", split("\\p{Foo}+")), "Foo");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                        + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
                        + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+",
                "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|\\p{N}{1,3}|[一-龥぀-ゟ゠-ヿ]+"
            })
    void T9_patternsOfPublishedTokenizersAreAcceptedAndBearLongRuns(String regex) {
        for (String run : new String[] {" ", "a", "\n", "1", "!"}) {
            assertThat(ids(root -> root.set("pre_tokenizer", split(regex)), run.repeat(50_000)))
                    .isNotEmpty();
        }
    }

    @Test
    void T10_stripDecoderWithHugeCounts() {
        refused(
                root -> root.set("decoder", node("{'type': 'Strip', 'content': 't', 'start': 0, 'stop': 5}")),
                "stop 5");
        refused(
                root -> root.set("decoder", node("{'type': 'Strip', 'content': 't', 'start': 99999999999, 'stop': 0}")),
                "start 99999999999");
    }

    @Test
    void T11_truncationStrideNotBelowItsLength() {
        refused(root -> root.set("truncation", truncation(3, 5)), "stride 5", "max_length 3");
        refused(root -> root.set("truncation", truncation(2, 2)), "stride 2");
    }

    @Test
    void T11_truncationAndPaddingOfTheFileAreNeverApplied() {
        int[] whole = ids(root -> {}, "the mill and the sea");
        int[] same = ids(
                root -> {
                    root.set("truncation", truncation(2, 0));
                    root.set(
                            "padding",
                            node("{'strategy': {'Fixed': 1000000000000}, 'direction': 'Right', "
                                    + "'pad_to_multiple_of': null, 'pad_id': 0, 'pad_type_id': 0, 'pad_token': 'x'}"));
                },
                "the mill and the sea");
        assertThat(same).isEqualTo(whole);
    }

    @Test
    void T12_addedTokensThatAreEmptyOrOverlap() {
        refused(root -> added(root).add(node(ADDED.formatted("296", ""))), "without content");
        refused(root -> added(root).add(node(ADDED.formatted("0", "<q>"))), "id 0");
        refused(root -> added(root).add(node(ADDED.formatted("7", "<s>"))), "given twice");
    }

    @Test
    void T12_ofAddedTokensThatArePrefixesTheLongestWins() {
        Fixtures.changed(directory, root -> {
            added(root).add(node(ADDED.formatted("296", "<|im")));
            added(root).add(node(ADDED.formatted("297", "<|im_start|>x")));
        });
        try (Tokenizer tokenizer = Tokenizer.load(directory)) {
            assertThat(tokenizer.encodeTemplated("<|im_start|>x<|im_end|><|im").ids())
                    .containsExactly(297, 3, 296);
        }
    }

    @Test
    void replacementsThatGrowWithoutBound() {
        String tenfold = "{'type': 'Replace', 'pattern': {'String': 't'}, 'content': 'tttttttttt'}";
        refused(
                root -> root.set(
                        "normalizer", node("{'type': 'Sequence', 'normalizers': [" + tenfold + "," + tenfold + "]}")),
                "16 times longer");
        refused(root -> root.set("normalizer", node("{'type': 'Prepend', 'prepend': ''}")), "'prepend'");
        refused(
                root -> root.set("normalizer", node("{'type': 'Replace', 'pattern': {'String': ''}, 'content': 'x'}")),
                "pattern");
        refused(root -> root.set("normalizer", node("{'type': 'Precompiled'}")), "'Precompiled'");
    }

    @Test
    void otherValuesThatEndTheNativeLibrary() {
        refused(root -> model(root).put("continuing_subword_prefix", "##"), "continuing_subword_prefix");
        refused(root -> root.set("pre_tokenizer", node("{'type': 'FixedLength', 'length': 0}")), "'FixedLength'");
        refused(root -> model(root).put("dropout", 0.5), "dropout");
    }

    @Test
    void filesThatAreNotATokenizer() {
        refusedText("", "empty");
        refusedText("[]", "object");
        refusedText("{", "line 1");
        refusedText("{\"a\":".repeat(70) + "1" + "}".repeat(70), "depth");
        refusedText("{\"model\": 3}", "model type");
        assertThatThrownBy(() -> Tokenizer.load(directory.resolve("none")))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("tokenizer.json");
    }

    private void refused(Consumer<ObjectNode> change, String... parts) {
        Fixtures.changed(directory, change);
        refusedDirectory(parts);
    }

    private void refusedText(String json, String... parts) {
        Fixtures.written(directory, json);
        refusedDirectory(parts);
    }

    private void refusedDirectory(String... parts) {
        assertThatThrownBy(() -> Tokenizer.load(directory).close()).isInstanceOfSatisfying(InlayException.class, e -> {
            assertThat(e.kind()).isEqualTo(InlayException.Kind.DATA);
            assertThat(e.getMessage()).contains("tokenizer.json").contains(parts);
            assertThat(e.getMessage()).doesNotContain("\n");
        });
    }

    private int[] ids(Consumer<ObjectNode> change, String text) {
        Fixtures.changed(directory, change);
        try (Tokenizer tokenizer = Tokenizer.load(directory)) {
            return tokenizer.encode(text);
        }
    }

    private static ObjectNode split(String regex) {
        ObjectNode split = node("{'type': 'Split', 'behavior': 'Isolated', 'invert': false}");
        split.putObject("pattern").put("Regex", regex);
        return split;
    }

    private static ObjectNode truncation(int length, int stride) {
        return node("{'direction': 'Right', 'max_length': " + length + ", 'strategy': 'LongestFirst', 'stride': "
                + stride + "}");
    }

    private static ObjectNode model(ObjectNode root) {
        return (ObjectNode) root.path("model");
    }

    private static ObjectNode vocab(ObjectNode root) {
        return (ObjectNode) root.path("model").path("vocab");
    }

    private static ArrayNode merges(ObjectNode root) {
        return (ArrayNode) root.path("model").path("merges");
    }

    private static ArrayNode added(ObjectNode root) {
        return (ArrayNode) root.path("added_tokens");
    }

    private static ObjectNode processor(ObjectNode root) {
        return (ObjectNode) root.path("post_processor");
    }
}
