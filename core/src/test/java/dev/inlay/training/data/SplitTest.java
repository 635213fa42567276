package dev.inlay.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.inlay.InlayException;
import dev.inlay.testing.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class SplitTest {

    @TestFactory
    Stream<DynamicTest> splitPartsTheRows() {
        return Seeds.each(20, random -> {
            int size = 2 + random.nextInt(300);
            double share = random.nextDouble() * 0.5;
            Dataset data = data(size);
            Split.Parts parts = new Split(share, random.nextLong()).of(data);
            List<Row> both = new ArrayList<>(parts.train().rows());
            both.addAll(parts.evaluation().rows());
            assertThat(both).containsExactlyInAnyOrderElementsOf(data.rows());
            assertThat(parts.evaluation().size()).isEqualTo((int) Math.max(1, Math.rint(share * size)));
            assertThat(parts.train().rows()).isSortedAccordingTo((a, b) -> a.line() - b.line());
        });
    }

    @Test
    void splitDependsOnItsSeedOnly() {
        Split.Parts parts = new Split(0.1, 5).of(data(100));
        assertThat(new Split(0.1, 5).of(data(100))).isEqualTo(parts);
        assertThat(new Split(0.1, 6).of(data(100))).isNotEqualTo(parts);
        assertThat(new Split(0, 5).of(data(100)).evaluation().size()).isZero();
    }

    @Test
    void splitLeavesSomethingToTrainOn() {
        assertThatExceptionOfType(InlayException.class)
                .isThrownBy(() -> new Split(0.1, 0).of(data(1)))
                .withMessageContaining("leaves none to train on");
        assertThatExceptionOfType(InlayException.class).isThrownBy(() -> new Split(1, 0));
        assertThatExceptionOfType(InlayException.class).isThrownBy(() -> new Split(Double.NaN, 0));
    }

    private static Dataset data(int size) {
        return new Dataset(
                "a",
                IntStream.range(0, size)
                        .<Row>mapToObj(i -> new Row.TextRow(i, "x"))
                        .toList());
    }
}
