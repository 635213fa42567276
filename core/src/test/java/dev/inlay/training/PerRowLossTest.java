package dev.inlay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.Initialisation;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Workers;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.LinearSite;
import dev.inlay.model.PerRow;
import dev.inlay.model.Reading;
import dev.inlay.model.Site;
import dev.inlay.testing.Golden;
import dev.inlay.training.data.Origin;
import dev.inlay.training.data.Unit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/** The head sees only the labelled tokens, and an adapter of the head must still know whose they are. */
class PerRowLossTest {
    private static final Unit FIRST = new Unit(
            List.of(Reading.of(new int[] {5, 6, 7, 8})),
            new int[] {1, 2, 3},
            new int[] {7, 8, 9},
            new int[] {0},
            List.of(new Origin("", 1, "")),
            4);
    private static final Unit SECOND = new Unit(
            List.of(Reading.of(new int[] {9, 10, 11})),
            new int[] {0, 2},
            new int[] {10, 12},
            new int[] {0},
            List.of(new Origin("", 1, "")),
            4);
    private static final Unit BOTH = new Unit(
            List.of(Reading.of(new int[] {5, 6, 7, 8}), Reading.of(new int[] {9, 10, 11})),
            new int[] {1, 2, 3, 4, 6},
            new int[] {7, 8, 9, 10, 12},
            new int[] {0, 1},
            List.of(new Origin("", 1, ""), new Origin("", 2, "")),
            7);

    @Test
    void lossOfEachRowIsThatOfItsOwnAdapter() {
        try (Scope scope = Scope.open();
                Decoder decoder = Decoder.load(Golden.path("llama-gqa-untied/model"), Device.CPU);
                Workers workers = Workers.of(1)) {
            List<Intervention> one = List.of(ofHead(decoder, 1));
            List<Intervention> other = List.of(ofHead(decoder, 2));
            Evaluation evaluation = new Evaluation(decoder, workers);
            List<Evaluation.RowLoss> together = evaluation
                    .of(List.of(BOTH), List.of(new PerRow(List.of(one, other))))
                    .rows();
            double first = evaluation.of(List.of(FIRST), one).loss();
            double second = evaluation.of(List.of(SECOND), other).loss();
            assertThat(together.get(0).loss()).isCloseTo(first, within(1e-6));
            assertThat(together.get(1).loss()).isCloseTo(second, within(1e-6));
            assertThat(evaluation.of(List.of(SECOND), one).loss()).isNotCloseTo(second, within(1e-2));
        }
    }

    @Test
    void progressIsToldOfEveryUnit() {
        try (Decoder decoder = Decoder.load(Golden.path("llama-gqa-untied/model"), Device.CPU);
                Workers workers = Workers.of(2)) {
            LongAdder units = new LongAdder();
            Unit third =
                    new Unit(SECOND.rows(), SECOND.positions(), SECOND.labels(), new int[] {1}, SECOND.origins(), 4);
            new Evaluation(decoder, workers).withProgress(units::add).of(List.of(FIRST, third), List.of());
            assertThat(units.sum()).isEqualTo(2);
        }
    }

    private static Adapter ofHead(Decoder decoder, long seed) {
        LinearSite head = decoder.sites().get(decoder.sites().size() - 1);
        return Adapter.of(Map.of(Site.HEAD, Initialisation.RANDOM.factors(head, 4, 8, seed)));
    }
}
