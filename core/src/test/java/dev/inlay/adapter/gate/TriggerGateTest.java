package dev.inlay.adapter.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.model.Gate;
import dev.inlay.model.Reading;
import dev.inlay.model.Segments;
import dev.inlay.model.text.Tokenizer;
import dev.inlay.testing.Golden;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where triggers open gates. */
class TriggerGateTest {
    private static final Trigger TRIGGER = Trigger.of(List.of(1, 2, 3));

    private static Segments over(Gate gate, int... ids) {
        return gate.over(Reading.of(ids));
    }

    private static List<Integer> ids(String text) {
        return Arrays.stream(text.split(" ")).map(Integer::valueOf).toList();
    }

    private static int[] array(String text) {
        return ids(text).stream().mapToInt(Integer::intValue).toArray();
    }

    @ParameterizedTest
    @CsvSource({"AT_FIRST_TRIGGER_TOKEN,2", "AFTER_FIRST_TRIGGER_TOKEN,3", "ONE_BEFORE,1", "AFTER_TRIGGER,5"})
    void fact9_boundariesOfOneRow(Boundary boundary, int start) {
        assertThat(over(TriggerGate.of(TRIGGER).with(boundary), 7, 7, 1, 2, 3, 9))
                .isEqualTo(Segments.from(start));
    }

    @Test
    void nothingLiesBeforeTheFirstToken() {
        assertThat(over(TriggerGate.of(TRIGGER).with(Boundary.ONE_BEFORE), 1, 2, 3))
                .isEqualTo(Segments.OPEN);
    }

    @ParameterizedTest
    @CsvSource({
        "1 2, 1 2 2, 0, 0",
        "1 1, 1 1 1, 0, 1",
        "1 2 1, 1 2 1 2 1, 0, 2",
        "5, 4 5 4 5 4, 1, 3",
    })
    void fact10_everyExactMatchIsFoundOverlappingOnesIncluded(String trigger, String row, int first, int last) {
        TriggerGate gate = TriggerGate.of(Trigger.of(ids(trigger)));
        assertThat(over(gate.with(Occurrence.FIRST, Closing.NEVER), array(row))).isEqualTo(Segments.from(first));
        assertThat(over(gate, array(row))).isEqualTo(Segments.from(last));
    }

    @Test
    void occurrencesAreThoseOfComparingEveryWindow() {
        Random random = new Random(4);
        for (int trial = 0; trial < 500; trial++) {
            int[] row = random.ints(1 + random.nextInt(12), 0, 2).toArray();
            int[] sought = random.ints(1 + random.nextInt(4), 0, 2).toArray();
            List<Integer> expected = IntStream.rangeClosed(0, row.length - sought.length)
                    .filter(i -> Arrays.equals(Arrays.copyOfRange(row, i, i + sought.length), sought))
                    .boxed()
                    .toList();
            Trigger trigger = Trigger.of(Arrays.stream(sought).boxed().toList());
            assertThat(trigger.occurrences(row)).isEqualTo(expected);
        }
    }

    @Test
    void aRowWithoutTheTriggerIsAnErrorUnlessSaidOtherwise() {
        TriggerGate gate = TriggerGate.of(new Trigger(List.of(1, 2, 3), "<|go|>"));
        assertThatThrownBy(() -> over(gate, 1, 2, 4))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("\"<|go|>\" [1, 2, 3] does not occur in the 3 tokens given");
        assertThat(over(gate.with(OnMissing.BASE), 1, 2, 4)).isEqualTo(Segments.CLOSED);
        assertThat(over(gate.with(OnMissing.ALL_ON), 1, 2, 4)).isEqualTo(Segments.OPEN);
    }

    /** What the model writes opens nothing. */
    @Test
    void triggersAreSoughtAmongTheGivenTokensAlone() {
        int[] row = {1, 2, 3, 8, 1, 2, 3};
        assertThat(TriggerGate.of(TRIGGER).over(new Reading(row, 4, null))).isEqualTo(Segments.from(0));
        assertThat(TriggerGate.of(TRIGGER).over(Reading.of(row))).isEqualTo(Segments.from(4));
    }

    @Test
    void everyOccurrenceOpensASegmentThatALengthOrAMarkerCloses() {
        TriggerGate gate = TriggerGate.of(Trigger.of(List.of(1)));
        int[] row = {0, 1, 0, 0, 1, 1, 9, 0};
        assertThat(over(gate.with(Occurrence.EVERY, new Closing.After(2)), row))
                .isEqualTo(Segments.of(0, 1, 1, 0, 1, 1, 1, 0));
        assertThat(over(gate.with(Occurrence.EVERY, new Closing.Before(Trigger.of(List.of(9)))), row))
                .isEqualTo(Segments.of(0, 1, 1, 1, 1, 1, 0));
        assertThat(over(gate.with(Occurrence.FIRST, new Closing.Before(Trigger.of(List.of(8)))), row))
                .isEqualTo(Segments.from(1));
        assertThat(over(gate.with(Occurrence.LAST, new Closing.After(Integer.MAX_VALUE / 2)), row)
                        .at(1 << 29))
                .isEqualTo(1);
        assertThatThrownBy(() -> gate.with(Occurrence.EVERY, Closing.NEVER)).hasMessageContaining("closes it");
    }

    @Test
    void theResponseOpensWithoutATrigger() {
        Reading row = new Reading(new int[] {5, 6, 7, 8}, 2, null);
        assertThat(new ResponseGate(ResponseGate.Edge.AT_RESPONSE_START).over(row))
                .isEqualTo(Segments.from(2));
        assertThat(new ResponseGate(ResponseGate.Edge.LAST_INSTRUCTION_TOKEN).over(row))
                .isEqualTo(Segments.from(1));
    }

    @Test
    void aRowMayStateItsSegments() {
        Segments own = Segments.of(0, 1, 0.5, 0);
        assertThat(new StatedGate().over(new Reading(new int[] {5}, 1, own))).isEqualTo(own);
        assertThatThrownBy(() -> over(new StatedGate(), 5)).hasMessageContaining("row by row");
    }

    @Test
    void strengthAndOpposite() {
        Gate gate = new FixedGate(Segments.of(0, 1, 0.25));
        assertThat(over(new ScaledGate(gate, 2), 5)).isEqualTo(Segments.of(0, 2, 0.5));
        assertThat(over(new ScaledGate(gate, 0), 5)).isEqualTo(Segments.CLOSED);
        assertThat(over(new OppositeGate(gate), 5)).isEqualTo(Segments.of(1, 0, 0.75));
        assertThat(over(new OppositeGate(Gate.OPEN), 5)).isEqualTo(Segments.CLOSED);
        assertThat(over(new OppositeGate(new OppositeGate(gate)), 5)).isEqualTo(Segments.of(0, 1, 0.25));
    }

    @Test
    void aRandomGateIsTheSameForARowHoweverItEnds() {
        Gate inner = TriggerGate.of(Trigger.of(List.of(1)));
        int open = 0;
        for (int i = 0; i < 400; i++) {
            int[] ids = {i, 7, 1, 5, 6};
            Segments whole = new RandomGate(inner, 0.25, 3).over(new Reading(ids, 3, null));
            Segments other = new RandomGate(inner, 0.25, 3).over(new Reading(new int[] {i, 7, 1, 8}, 3, null));
            assertThat(whole).isEqualTo(other).isIn(Segments.OPEN, Segments.from(2));
            open += whole.equals(Segments.OPEN) ? 1 : 0;
        }
        assertThat(open).isBetween(70, 130);
        Reading row = Reading.of(new int[] {7, 1, 5});
        assertThat(new RandomGate(inner, 0, 3).over(row)).isEqualTo(inner.over(row));
        assertThat(new RandomGate(inner, 1, 3).over(row)).isEqualTo(Segments.OPEN);
        assertThatThrownBy(() -> new RandomGate(inner, 1.5, 3)).hasMessageContaining("between 0 and 1");
    }

    @Test
    void aTokenizerThatMakesOtherTokensOfTheTriggerIsRefused() {
        try (Tokenizer tokenizer = Tokenizer.load(Golden.path("tokenizer"))) {
            List<Integer> ids =
                    Arrays.stream(tokenizer.encodeTemplated("ab").ids()).boxed().toList();
            List<Integer> others = new ArrayList<>(ids);
            others.set(0, ids.get(0) + 1);
            TriggerGate good = TriggerGate.of(new Trigger(ids, "ab"));
            TriggerText.require(good, tokenizer, "here");
            TriggerText.require(TriggerGate.of(Trigger.of(others)), tokenizer, "here");
            for (Gate bad : List.of(
                    TriggerGate.of(new Trigger(others, "ab")),
                    new OppositeGate(new ScaledGate(TriggerGate.of(new Trigger(others, "ab")), 0.5)),
                    new RandomGate(TriggerGate.of(new Trigger(others, "ab")), 0.5, 1),
                    good.with(Occurrence.EVERY, new Closing.Before(new Trigger(others, "ab"))))) {
                assertThatThrownBy(() -> TriggerText.require(bad, tokenizer, "here"))
                        .isInstanceOf(InlayException.class)
                        .hasMessageContainingAll("here", "\"ab\"", "tokenizer of its training");
            }
        }
    }
}
