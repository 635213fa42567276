package dev.inlay.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.inlay.InlayException;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.testing.Seeds;
import dev.inlay.training.data.DataReport.Cause;
import dev.inlay.training.data.Row.CompletionRow;
import dev.inlay.training.data.Row.TextRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ExamplesTest {
    private static Tokenizer tokenizer;

    @BeforeAll
    static void load() {
        tokenizer = Fixture.tokenizer();
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void D7_errorNamesLineLengthLimitAndChoices() {
        assertThatExceptionOfType(InlayException.class)
                .isThrownBy(() -> examples(Overflow.ERROR, 10, new TextRow(1, "sea"), new TextRow(5, "x".repeat(20))))
                .withMessage("rows.jsonl line 5: 22 tokens, but the limit is 10; choose what happens to such rows"
                        + " (overflow: split, cut or drop) or raise the limit");
    }

    @Test
    void D7_splitLearnsEveryTargetOnce() {
        Examples examples = examples(Overflow.SPLIT, 10, new TextRow(5, "x".repeat(20)));
        assertThat(examples.list()).extracting(Example::length).containsExactly(10, 10, 4);
        assertThat(examples.report().targets()).isEqualTo(21);
        assertThat(examples.report().split()).isEqualTo(new DataReport.Pieces(1, 3, 0));
    }

    @Test
    void D7_splitLeavesOutPiecesOfPromptOnly() {
        Examples examples = examples(Overflow.SPLIT, 10, new CompletionRow(1, "x".repeat(30), "y"));
        assertThat(examples.list()).extracting(Example::targets).containsExactly(2);
        assertThat(examples.report().split()).isEqualTo(new DataReport.Pieces(1, 1, 3));
    }

    @Test
    void D7_cutKeepsTheFirstTokensAndCountsTheRest() {
        Examples examples = examples(Overflow.CUT, 10, new TextRow(5, "x".repeat(20)));
        assertThat(examples.list()).extracting(Example::length).containsExactly(10);
        assertThat(examples.report().cut()).isEqualTo(new DataReport.Loss(1, 12, 12));
    }

    @Test
    void D7_cutThatLeavesNoTargetIsCountedWithItsCause() {
        Examples examples = examples(
                Overflow.CUT,
                10,
                new TextRow(1, "sea"),
                new TextRow(2, "sea"),
                new CompletionRow(7, "x".repeat(30), "y"));
        assertThat(examples.report().unusable())
                .containsExactly(java.util.Map.entry(Cause.BEYOND_LIMIT, new DataReport.Unusable(1, 7)));
        assertThat(examples.report().cut().rows()).isZero();
        assertThat(examples.report().lines()).anyMatch(line -> line.contains("beyond the length limit"));
    }

    @Test
    void D7_dropCountsRowsAndTokens() {
        Examples examples = examples(Overflow.DROP, 10, new TextRow(1, "sea"), new TextRow(5, "x".repeat(20)));
        assertThat(examples.list()).hasSize(1);
        assertThat(examples.report().dropped()).isEqualTo(new DataReport.Loss(1, 22, 21));
    }

    @Test
    void manyRowsKeepTheirOrder() {
        Row[] rows = IntStream.rangeClosed(1, 5000)
                .mapToObj(line -> new TextRow(line, "x".repeat(1 + line % 7)))
                .toArray(Row[]::new);
        assertThat(examples(Overflow.ERROR, 10, rows).list())
                .extracting(Example::line, Example::length)
                .containsExactlyElementsOf(Stream.of(rows)
                        .map(row -> tuple(row.line(), 3 + row.line() % 7))
                        .toList());
    }

    /** Whichever is met first, and of whichever kind: too long, or not to be encoded at all. */
    @Test
    void errorIsThatOfTheFirstBadRow() {
        Row[] rows = IntStream.rangeClosed(1, 5000)
                .mapToObj(line -> line % 5 > 2 ? strange(line) : new TextRow(line, "sea"))
                .toArray(Row[]::new);
        for (int first : new int[] {1, 900, 2600}) {
            Row[] late = rows.clone();
            Arrays.setAll(late, i -> i < first ? new TextRow(i + 1, "sea") : rows[i]);
            late[first] = new TextRow(first + 1, "x".repeat(20));
            assertThatExceptionOfType(InlayException.class)
                    .isThrownBy(() -> examples(Overflow.ERROR, 10, late))
                    .withMessageStartingWith("rows.jsonl line " + (first + 1) + ": 22 tokens");
            late[first] = strange(first + 1);
            assertThatExceptionOfType(InlayException.class)
                    .isThrownBy(() -> examples(Overflow.ERROR, 10, late))
                    .withMessageStartingWith("rows.jsonl line " + (first + 1) + ": ids[0]");
        }
    }

    private static Row strange(int line) {
        return new Row.TokenRow(line, new int[] {1_000_000, 1}, List.of(), null);
    }

    @Test
    void D8_rowsWithoutTargetsAreCountedByCause() {
        Encoder encoder = Encoder.chat(tokenizer, Fixture.chatMl(), LossOn.COMPLETION);
        Dataset data = new Dataset(
                "rows.jsonl",
                List.of(EncoderTest.talk("user", "hi"), EncoderTest.talk("user", "hi", "assistant", "ho")));
        DataReport report =
                Examples.of(data, encoder, new Limit(100, Overflow.ERROR)).report();
        assertThat(report.unusable()).containsOnlyKeys(Cause.NO_ASSISTANT_TURN);
        assertThat(report.examples()).isEqualTo(1);
        assertThatCode(() -> report.requireUsable(0.5)).doesNotThrowAnyException();
        assertThatExceptionOfType(InlayException.class)
                .isThrownBy(() -> report.requireUsable(0.4))
                .withMessage(
                        "rows.jsonl: too few of 2 rows teach anything: 1 have no turn of the assistant, first line 1");
    }

    @Test
    void D8_nothingToLearnNamesTheTrueCause() {
        assertUnusable("2 have no text, first line 1", Overflow.ERROR, new TextRow(1, ""), new TextRow(2, ""));
        assertUnusable("beyond the length limit", Overflow.CUT, new CompletionRow(1, "x".repeat(30), "y"));
        assertUnusable("1 are longer than the limit", Overflow.DROP, new TextRow(1, "x".repeat(30)));
    }

    private static void assertUnusable(String cause, Overflow overflow, Row... rows) {
        assertThatExceptionOfType(InlayException.class)
                .isThrownBy(() -> examples(overflow, 10, rows).report().requireUsable(1))
                .withMessageContaining(cause);
    }

    @TestFactory
    Stream<DynamicTest> theAccountIsComplete() {
        return Seeds.each(30, random -> {
            for (Overflow overflow : List.of(Overflow.SPLIT, Overflow.CUT, Overflow.DROP)) {
                Row[] rows = rows(random);
                DataReport report =
                        examples(overflow, 5 + random.nextInt(20), rows).report();
                assertThat(report.whole()
                                + report.split().rows()
                                + report.cut().rows()
                                + report.dropped().rows()
                                + report.unusableRows())
                        .isEqualTo(report.rows())
                        .isEqualTo(rows.length);
                assertThat(report.whole() + report.split().kept() + report.cut().rows())
                        .isEqualTo(report.examples());
                assertThat(report.lengths().counts().stream()
                                .mapToInt(Integer::intValue)
                                .sum())
                        .isEqualTo(rows.length
                                - report.unusable()
                                        .getOrDefault(Cause.EMPTY, NONE)
                                        .rows());
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> splitKeepsEveryTargetExactlyOnceInOrder() {
        return Seeds.each(50, random -> {
            Example example = OrderTest.examples(random).get(0);
            Limit limit = new Limit(2 + random.nextInt(12), Overflow.SPLIT);
            List<Example> pieces = limit.of("a", example);
            List<Integer> learned = new ArrayList<>();
            for (Example piece : pieces) {
                assertThat(piece.length()).isLessThanOrEqualTo(limit.tokens());
                learned.addAll(targets(piece));
            }
            assertThat(learned).isEqualTo(targets(example));
        });
    }

    private static final DataReport.Unusable NONE = new DataReport.Unusable(0, 0);

    private static List<Integer> targets(Example example) {
        List<Integer> targets = new ArrayList<>();
        for (int i = 0; i < example.length(); i++) {
            if (example.target()[i]) {
                targets.add(example.ids()[i]);
            }
        }
        return targets;
    }

    private static Row[] rows(Random random) {
        Row[] rows = new Row[1 + random.nextInt(20)];
        for (int i = 0; i < rows.length; i++) {
            String text = "x".repeat(random.nextInt(60));
            rows[i] = random.nextBoolean()
                    ? new TextRow(i + 1, text)
                    : new CompletionRow(i + 1, text, "y".repeat(random.nextInt(30)));
        }
        return rows;
    }

    private static Examples examples(Overflow overflow, int limit, Row... rows) {
        return Examples.of(
                new Dataset("rows.jsonl", List.of(rows)),
                Encoder.plain(tokenizer, LossOn.COMPLETION),
                new Limit(limit, overflow));
    }
}
