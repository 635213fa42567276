package dev.inlay.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void rendersMarkdownWithNumbersToTheRight() {
        String text = new Table("job", "rate").row("training", "12").render();
        assertThat(text).isEqualTo("| job | rate |\n| --- | ---: |\n| training | 12 |\n");
    }

    @Test
    void refusesARowOfAnotherWidth() {
        assertThatThrownBy(() -> new Table("job", "rate").row("training")).hasMessageContaining("1 cells");
    }

    @Test
    void spreadNamesMedianAndExtremes() {
        assertThat(Table.spread(Optional.of(Sample.of(1.5, 1.25, 2)), Table::ratio))
                .isEqualTo("1.50 (1.25 to 2.00)");
    }

    @Test
    void spreadOfOneValueIsThatValue() {
        assertThat(Table.spread(Optional.of(Sample.of(1500.4)), Table::rate)).isEqualTo("1500");
    }

    @Test
    void absentNumbersAreADash() {
        assertThat(Table.spread(Optional.empty(), Table::rate)).isEqualTo("-");
        assertThat(Table.share(Optional.of(Sample.of(1)), Optional.empty())).isEqualTo("-");
    }

    @Test
    void shareIsTheQuotientOfMediansInPercent() {
        assertThat(Table.share(Optional.of(Sample.of(30, 40, 50)), Optional.of(Sample.of(80))))
                .isEqualTo("50 %");
    }
}
