package dev.inlay.training.data;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.inlay.InlayException;
import dev.inlay.model.text.Conversation;
import dev.inlay.model.text.Message;
import dev.inlay.testing.Seeds;
import dev.inlay.testing.SharedData;
import dev.inlay.training.data.Row.ChatRow;
import dev.inlay.training.data.Row.CompletionRow;
import dev.inlay.training.data.Row.TextRow;
import dev.inlay.training.data.Row.TokenRow;
import dev.inlay.training.data.Row.TokenRow.Run;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowReaderTest {
    private static final RowReader READER = new RowReader();

    @Test
    void everyFormIsRead() {
        assertThat(jsonl("{\"text\": \"a\"}")).containsExactly(new TextRow(1, "a"));
        assertThat(jsonl("{\"prompt\": \"a\", \"completion\": \"b\"}")).containsExactly(new CompletionRow(1, "a", "b"));
        Conversation talk = Conversation.of(new Message("user", "hi"), new Message("assistant", "ho"));
        assertThat(jsonl("{\"messages\": [{\"role\": \"user\", \"content\": \"hi\"},"
                        + " {\"role\": \"assistant\", \"content\": \"ho\"}]}"))
                .containsExactly(new ChatRow(1, talk));
        assertThat(jsonl("{\"conversations\": [{\"from\": \"human\", \"value\": \"hi\"},"
                        + " {\"from\": \"gpt\", \"value\": \"ho\"}]}"))
                .containsExactly(new ChatRow(1, talk));
        assertThat(jsonl("{\"instruction\": \"hi\", \"output\": \"ho\"}")).containsExactly(new ChatRow(1, talk));
        assertThat(jsonl("{\"instruction\": \"add\", \"input\": \"1 2\", \"output\": \"3\"}"))
                .containsExactly(new ChatRow(
                        1, Conversation.of(new Message("user", "add\n\n1 2"), new Message("assistant", "3"))));
    }

    @Test
    void rowsOfTokensSayWhatIsLearnedAndWhereAGateIsOpen() {
        TokenRow bare = (TokenRow) jsonl("{\"ids\": [3, 1, 4]}").get(0);
        assertThat(bare.ids()).containsExactly(3, 1, 4);
        assertThat(bare.learned()).isEmpty();
        assertThat(bare.open()).isNull();
        TokenRow full = (TokenRow)
                jsonl("{\"ids\": [3, 1, 4, 1, 5], \"learned\": [[1, 2], [4, 5]]," + " \"open\": [[0, 2], [2, 4, 0.5]]}")
                        .get(0);
        assertThat(full.learned()).containsExactly(new Run(1, 2, 1), new Run(4, 5, 1));
        assertThat(full.open()).containsExactly(new Run(0, 2, 1), new Run(2, 4, 0.5));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "7#must be a list of token ids",
                "[1, 2.5]#ids[1]",
                "[1, -2]#ids[1]",
                "[1, 3000000000]#ids[1]",
                "[1, \"2\"]#ids[1]",
                "[1, 2], \"learned\": [1]#must be a list of [start, end], found 1 at 0",
                "[1, 2], \"learned\": [[1, 2, 1]]#must be a list of [start, end]",
                "[1, 2], \"learned\": [[0, 1]]#nothing precedes it",
                "[1, 2], \"learned\": [[1, 3]]#learned[0].end",
                "[1, 2], \"open\": [[1, 1]]#at least one token",
                "[1, 2, 3], \"open\": [[1, 3], [2, 3]]#behind the one before",
                "[1, 2], \"open\": [[0, 1, 1e999]]#finite",
                "[1, 2], \"open\": {}#must be a list",
                "[1, 2], \"text\": \"a\"#several forms",
            })
    void D3_wrongTokensAreNamed(String rest, String message) {
        assertRefused("a.jsonl", "{\"ids\": " + rest + "}", "line 1", message);
    }

    @Test
    void textFileIsOneDocument() {
        assertThat(rows("a.txt", "one\r\n\r\ntwo\n")).containsExactly(new TextRow(1, "one\n\ntwo\n"));
    }

    @Test
    void arrayHoldsStringsOrObjectsWithTheirLines() {
        assertThat(rows("a.json", "[\n \"a\",\n \"b\"]")).containsExactly(new TextRow(2, "a"), new TextRow(3, "b"));
        assertThat(rows("a.json", "[{\"text\": \"a\"},\n{\"text\": \"b\"}]\n"))
                .containsExactly(new TextRow(1, "a"), new TextRow(2, "b"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", " \n\t\n\r\n", "\uFEFF", "\uFEFF\n"})
    void D1_emptyOrBlankFile(String content) {
        assertRefused("a.jsonl", content, "a.jsonl", "no rows");
        assertRefused("a.txt", content, "a.txt", "no rows");
        assertRefused("a.json", content, "a.json", "no rows");
    }

    @Test
    void D1_emptyArray() {
        assertRefused("a.json", "[]", "no rows");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"text\": \"a",
                "{\"text\": \"a\"",
                "{text: \"a\"}",
                "{\"text\": \"a\"} x",
                "{\"text\": \"a\"}{\"text\": \"b\"}",
                "{\"text\": \"a\", \"text\": \"b\"}",
                "NaN",
                "[{\"text\": \"a\"}]",
                "\"a\"",
                "17",
                "null"
            })
    void D2_brokenLineIsNamed(String broken) {
        assertRefused(
                "a.jsonl", "{\"text\": \"a\"}\n".repeat(16) + broken + "\n{\"text\": \"b\"}\n", "a.jsonl line 17");
    }

    @Test
    void D2_brokenElementOfAnArrayIsNamed() {
        assertRefused("a.json", "[\n\"a\",\n\"b\",\n{]\n", "a.json line 4");
        assertRefused("a.json", "[\n\"a\",\n\"b\"", "a.json line 3");
        assertRefused("a.json", "[\"a\"]\n[\"b\"]", "a.json line 2");
        assertRefused("a.json", "{\"text\": \"a\"}", "a.json line 1", ".jsonl");
    }

    @Test
    void D2_nestingIsBounded() {
        String deep = "[".repeat(100_000) + "]".repeat(100_000);
        assertRefused("a.jsonl", "{\"text\": " + deep + "}", "line 1", "nest");
        assertRefused("a.json", deep, "line 1");
    }

    @Test
    void D3_missingField() {
        assertRefused("a.jsonl", "{\"prompt\": \"a\"}", "line 1", "'completion' is missing");
        assertRefused("a.jsonl", "{\"instruction\": \"a\", \"input\": \"b\"}", "line 1", "'output' is missing");
        assertRefused("a.jsonl", "{\"messages\": [{\"role\": \"user\"}]}", "messages[0].content", "found nothing");
        assertRefused(
                "a.jsonl", "{}", "line 1", "text | prompt+completion | messages | instruction+output | conversations");
    }

    @Test
    void D3_unknownFieldUnlessToBeIgnored() {
        String rows = "{\"text\": \"a\", \"id\": 7}";
        assertRefused("a.jsonl", rows, "line 1", "unknown field 'id'");
        assertThat(new RowReader(Set.of("id")).read("a.jsonl", bytes(rows)).rows())
                .containsExactly(new TextRow(1, "a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "5", "1e400", "true", "[\"a\"]", "{\"text\": \"a\"}"})
    void D3_somethingElseWhereTextIsDue(String value) {
        assertRefused("a.jsonl", "{\"text\": " + value + "}", "line 1", "'text' must be a string");
        assertRefused("a.jsonl", "{\"prompt\": \"a\", \"completion\": " + value + "}", "'completion' must be a string");
        assertRefused(
                "a.jsonl",
                "{\"messages\": [{\"role\": \"user\", \"content\": " + value + "}]}",
                "'messages[0].content' must be a string");
    }

    @Test
    void D3_mixedForms() {
        assertRefused(
                "a.jsonl", "{\"text\": \"a\", \"prompt\": \"b\", \"completion\": \"c\"}", "line 1", "several forms");
        assertRefused(
                "a.jsonl",
                "\n{\"text\": \"a\"}\n{\"prompt\": \"b\", \"completion\": \"c\"}",
                "line 3",
                "prompt+completion",
                "line 2 is text");
    }

    @Test
    void toolsAndTheirCallsAreRead() {
        Row row = jsonl(
                        "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"Rain?\"}]},"
                                + "{\"role\": \"assistant\", \"content\": null, \"tool_calls\": [{\"id\": 1, \"f\": 0.5}]},"
                                + "{\"role\": \"tool\", \"content\": \"no\", \"tool_call_id\": \"1\", \"name\": \"rain\"}],"
                                + "\"tools\": [{\"name\": \"rain\", \"strict\": true}]}")
                .get(0);
        Conversation conversation = ((ChatRow) row).conversation();
        assertThat(conversation.tools()).containsExactly(Map.of("name", "rain", "strict", true));
        assertThat(conversation.messages().get(0).content()).isEqualTo("Rain?");
        assertThat(conversation.messages().get(1).fields())
                .containsEntry("content", null)
                .containsEntry("tool_calls", List.of(Map.of("id", 1L, "f", 0.5)));
        assertThat(conversation.messages().get(2).fields()).containsEntry("tool_call_id", "1");
    }

    @Test
    void D3_toolsOfAnotherShapeAreRefusedByName() {
        String asked = "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"tools\": ";
        assertRefused("a.jsonl", asked + "\"rain\"}", "'tools' must be a list of objects, found a string");
        assertRefused("a.jsonl", asked + "[1]}", "'tools[0]' must be an object, found the number 1");
        assertRefused("a.jsonl", asked + "[{\"n\": 99999999999999999999}]}", "beyond 64 bits");
        assertRefused(
                "a.jsonl",
                "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image\"}]}]}",
                "only text is read");
        assertRefused("a.jsonl", "{\"messages\": [{\"role\": \"assistant\", \"tool_calls\": []}]}", "an empty list");
    }

    @Test
    void D3_halfOfASurrogatePair() {
        assertRefused("a.jsonl", "{\"text\": \"a\\ud800b\"}", "line 1", "surrogate");
    }

    @Test
    void D4_byteOrderMarkWindowsLinesAndNoFinalNewline() {
        assertThat(jsonl("\uFEFF{\"text\": \"a\"}\r\n\r\n{\"text\": \"b\"}"))
                .containsExactly(new TextRow(1, "a"), new TextRow(3, "b"));
        assertThat(rows("a.json", "\uFEFF[\"a\"]")).containsExactly(new TextRow(1, "a"));
        assertThat(rows("a.txt", "\uFEFFa")).containsExactly(new TextRow(1, "a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.jsonl", "a.txt", "a.json"})
    void D4_latin1IsRefusedWithItsLine(String name) {
        byte[] bytes = "[\"fine\",\n\"fine\",\n\"caf\u00E9\"]".getBytes(ISO_8859_1);
        assertThatExceptionOfType(InlayException.class)
                .isThrownBy(() -> READER.read(name, new ByteArrayInputStream(bytes)))
                .withMessageContaining(name + " line 3")
                .withMessageContaining("0xE9");
    }

    @Test
    void D4_utf16IsNamed() {
        byte[] bytes = "{\"text\": \"a\"}".getBytes(java.nio.charset.StandardCharsets.UTF_16);
        assertThatExceptionOfType(InlayException.class)
                .isThrownBy(() -> READER.read("a.jsonl", new ByteArrayInputStream(bytes)))
                .withMessageContaining("line 1")
                .withMessageContaining("UTF-16");
    }

    @Test
    void D4_cutCharacterAtTheEnd() {
        byte[] bytes = {'"', (byte) 0xC3};
        assertThatExceptionOfType(InlayException.class)
                .isThrownBy(() -> READER.read("a.txt", new ByteArrayInputStream(bytes)))
                .withMessageContaining("line 1");
    }

    @TestFactory
    Stream<DynamicTest> D4_charactersSurviveBlockBorders() {
        return Seeds.each(5, random -> {
            StringBuilder text = new StringBuilder();
            int[] alphabet = {'a', 0xE9, 0x20AC, 0x1F600, '\n'};
            int length = 60_000 + random.nextInt(20_000);
            for (int i = 0; i < length; i++) {
                text.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
            }
            assertThat(rows("a.txt", text.toString())).containsExactly(new TextRow(1, text.toString()));
        });
    }

    @Test
    void D5_lineOf100MegabytesIsRefusedUnread() {
        byte[] head = "{\"text\": \"a\"}\n{\"text\": \"".getBytes(UTF_8);
        InputStream endless = new InputStream() {
            private int at;

            @Override
            public int read() {
                return at < head.length ? head[at++] : 'a';
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                for (int i = 0; i < length; i++) {
                    target[offset + i] = (byte) read();
                }
                return length;
            }
        };
        assertThatExceptionOfType(InlayException.class)
                .isThrownBy(() -> READER.read("a.jsonl", endless))
                .withMessageContaining("a.jsonl line 2")
                .withMessageContaining("67,108,864");
    }

    @Test
    void D6_roles() {
        assertRefused("a.jsonl", chat("robot", "user"), "line 1", "messages[0]", "unknown role 'robot'", "assistant, ");
        assertRefused("a.jsonl", chat("user", "assistant", "assistant"), "messages[2]", "two assistant turns");
        assertRefused("a.jsonl", "{\"messages\": []}", "'messages' must be a list of turns, found an empty list");
        assertRefused("a.jsonl", "{\"messages\": [\"hi\"]}", "messages[0] must be an object");
        assertRefused(
                "a.jsonl", "{\"conversations\": [{\"from\": \"robot\", \"value\": \"x\"}]}", "unknown role", "human");
        assertThat(jsonl(chat("system", "user", "assistant", "user", "assistant")))
                .hasSize(1);
    }

    @Test
    void D9_duplicateAndContradictoryRowsAreAccepted() {
        assertThat(jsonl("{\"prompt\": \"a\", \"completion\": \"b\"}\n{\"prompt\": \"a\", \"completion\": \"b\"}\n"
                        + "{\"prompt\": \"a\", \"completion\": \"c\"}"))
                .hasSize(3);
    }

    @Test
    @Tag("data")
    void realFilesAreReadWhole() throws IOException {
        Path stories = SharedData.require("tinystories-1000/tinystories_1000.json");
        assertThat(read(stories).size()).isEqualTo(1000);
        Dataset wiki = read(SharedData.require("tinystories-1000/wikitext_1000.json"));
        assertThat(wiki.size()).isEqualTo(1000);
        assertThat(wiki.rows().get(0)).isInstanceOfSatisfying(TextRow.class, row -> {
            assertThat(row.line()).isEqualTo(2);
            assertThat(row.text()).startsWith("= Valkyria Chronicles III = \n Senj\u014D no Valkyria 3");
        });
    }

    @Test
    @Tag("data")
    void realFilesOfOtherFormsAreRefusedByField() {
        assertThatExceptionOfType(InlayException.class)
                .isThrownBy(() -> read(SharedData.require("lm-steer/toy_prompt.jsonl")))
                .withMessageContaining("toy_prompt.jsonl line 1: field 'completion' is missing");
        assertThatExceptionOfType(InlayException.class)
                .isThrownBy(() -> read(SharedData.require("spt-subset/subset.jsonl")))
                .withMessageContaining("subset.jsonl line 1");
    }

    private static Dataset read(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return READER.read(path.getFileName().toString(), in);
        }
    }

    private static String chat(String... roles) {
        StringBuilder turns = new StringBuilder();
        for (String role : roles) {
            turns.append(turns.isEmpty() ? "" : ", ").append("{\"role\": \"" + role + "\", \"content\": \"x\"}");
        }
        return "{\"messages\": [" + turns + "]}";
    }

    private static void assertRefused(String name, String content, String... parts) {
        assertThatExceptionOfType(InlayException.class)
                .isThrownBy(() -> rows(name, content))
                .satisfies(e -> assertThat(e.getMessage()).contains(parts).doesNotContain("\n"))
                .satisfies(e -> assertThat(e.kind()).isEqualTo(InlayException.Kind.DATA));
    }

    private static List<Row> jsonl(String content) {
        return rows("a.jsonl", content);
    }

    private static List<Row> rows(String name, String content) {
        return READER.read(name, bytes(content)).rows();
    }

    private static InputStream bytes(String content) {
        return new ByteArrayInputStream(content.getBytes(UTF_8));
    }
}
