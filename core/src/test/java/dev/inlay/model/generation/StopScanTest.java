package dev.inlay.model.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class StopScanTest {
    @Test
    void theTextEndsBeforeAStopStringThatCameInPieces() {
        StopScan scan = new StopScan(List.of("\n\nUser:"));
        assertThat(scan.accept("Yes.\n")).isEqualTo("Yes.");
        assertThat(scan.accept("\nUs")).isEmpty();
        assertThat(scan.isStopped()).isFalse();
        assertThat(scan.accept("er: and")).isEmpty();
        assertThat(scan.isStopped()).isTrue();
        assertThat(scan.accept("more")).isEmpty();
        assertThat(scan.finish()).isEmpty();
    }

    @Test
    void textThatOnlyBeganLikeAStopStringIsPassedOn() {
        StopScan scan = new StopScan(List.of("###"));
        assertThat(scan.accept("a##")).isEqualTo("a");
        assertThat(scan.accept("b#")).isEqualTo("##b");
        assertThat(scan.finish()).isEqualTo("#");
        assertThat(scan.isStopped()).isFalse();
    }

    @Test
    void theStringThatIsCompleteFirstWinsHoweverTheTextIsCut() {
        assertThat(scanned(List.of("abcd", "bc"), List.of("xabcd"))).isEqualTo("xa");
        assertThat(scanned(List.of("abcd", "bc"), List.of("x", "a", "b", "c", "d")))
                .isEqualTo("xa");
        assertThat(scanned(List.of("bcd", "abcd"), List.of("xabcd"))).isEqualTo("x");
    }

    @TestFactory
    Stream<DynamicTest> everyWayToCutTheTextGivesTheSameResult() {
        return Seeds.each(200, random -> {
            List<String> stops = Stream.generate(() -> letters(random, 1 + random.nextInt(4)))
                    .limit(1 + random.nextInt(3))
                    .toList();
            String text = letters(random, random.nextInt(30));
            List<String> pieces = new ArrayList<>();
            for (int at = 0; at < text.length(); ) {
                int end = Math.min(text.length(), at + random.nextInt(5));
                pieces.add(text.substring(at, end));
                at = end;
            }
            String whole = scanned(stops, List.of(text));
            assertThat(scanned(stops, pieces)).as("%s in %s", stops, pieces).isEqualTo(whole);
            assertThat(text).startsWith(whole);
            assertThat(stops).noneMatch(whole::contains);
        });
    }

    private static String scanned(List<String> stops, List<String> pieces) {
        StopScan scan = new StopScan(stops);
        StringBuilder text = new StringBuilder();
        pieces.forEach(piece -> text.append(scan.accept(piece)));
        return text.append(scan.finish()).toString();
    }

    private static String letters(Random random, int count) {
        return random.ints(count, 'a', 'd')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    @Test
    void stopsAreCheckedWhereTheyEnter() {
        assertThatThrownBy(() -> Stops.none().plus(List.of("")))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("empty");
        assertThatThrownBy(() -> Stops.none().plus(-1))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("-1");
        assertThat(Stops.none().plus(2).plus(2, 7).ids()).isEqualTo(Set.of(2, 7));
    }
}
