package dev.inlay.app.experiments.modular;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Svd;
import dev.inlay.engine.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChangesTest {
    private static final Sizes SIZES = new Sizes(5, 8, 3, Base.UNTIED);
    private static final List<Projection> VALUE = List.of(Projection.VALUE);

    private static Weights base() {
        return Weights.of(SIZES, Weights.drawn(SIZES, 1, DType.FLOAT64));
    }

    private static Tensor change(Weights before, Weights after, int block) {
        return after.block(block)
                .projection(Projection.VALUE)
                .minus(before.block(block).projection(Projection.VALUE));
    }

    @Test
    void everyTuningStartsAtItsBase() {
        try (Scope scope = Scope.open()) {
            Tensor values = Weights.drawn(SIZES, 1, DType.FLOAT64);
            Weights base = Weights.of(SIZES, values);
            for (Tuning tuning : List.of(
                    new LowRankTuning(base, VALUE, 2, .5, List.of()),
                    LowRankTuning.orthogonal(base, VALUE, 2, .5),
                    new MapTuning(base, VALUE),
                    new FullTuning(SIZES, values))) {
                Weights tuned = tuning.tuned(tuning.start(9));
                for (int b = 0; b < SIZES.blocks(); b++) {
                    assertThat(change(base, tuned, b).norm()).isZero();
                }
            }
        }
    }

    @Test
    void orthogonalChangesKeepAwayFromTheLeadingDirections() {
        try (Scope scope = Scope.open()) {
            Weights base = base();
            Tuning tuning = LowRankTuning.orthogonal(base, VALUE, 2, .5);
            Tensor values = Tensor.normal(1, 3, DType.FLOAT64, tuning.start(1).count());
            Weights tuned = tuning.tuned(values);
            for (int b = 0; b < SIZES.blocks(); b++) {
                Svd svd = Svd.of(base.block(b).projection(Projection.VALUE));
                Tensor change = change(base, tuned, b);
                assertThat(change.norm()).isGreaterThan(.1);
                assertThat(svd.left()
                                .narrow(1, 0, 1)
                                .transposed()
                                .matmul(change)
                                .norm())
                        .isLessThan(1e-12);
                assertThat(change.matmul(svd.right().narrow(0, 0, 1).transposed())
                                .norm())
                        .isLessThan(1e-12);
            }
        }
    }

    @Test
    void randomChangesHaveTheNormAskedForAndTheRank() {
        try (Scope scope = Scope.open()) {
            Weights base = base();
            Weights changed = RandomChange.drawn(base, VALUE, 2, 4).ofNorm(1.5);
            double square = 0;
            for (int b = 0; b < SIZES.blocks(); b++) {
                Tensor change = change(base, changed, b);
                square += change.norm() * change.norm();
                double[] singular = Svd.of(change).values().toDoubles();
                assertThat(singular[1]).isGreaterThan(1e-3);
                assertThat(singular[2]).isLessThan(1e-12);
            }
            assertThat(Math.sqrt(square)).isCloseTo(1.5, within(1e-12));
        }
    }

    @Test
    void partsOfTheGapCriterionAreThoseOfTheChange() {
        try (Scope scope = Scope.open()) {
            Tensor before = Tensor.of(new double[] {3, 0, 0, 0, 2, 0, 0, 0, 1}, 3, 3);
            Tensor change = Tensor.of(new double[] {.5, 9, 9, .3, .1, 0, .4, 0, -.2}, 3, 3);
            ValueChange parts = ValueChange.of(before, before.plus(change));
            assertThat(parts.gap()).isCloseTo(1, within(1e-12));
            assertThat(parts.along()).isCloseTo(.5, within(1e-12));
            assertThat(parts.aside()).isCloseTo(.5, within(1e-12));
            assertThat(parts.rest()).isCloseTo(.2, within(1e-12));
            assertThat(parts.before()).containsExactly(3.0, 2.0, 1.0);
            assertThat(parts.spectrumBefore()).containsExactly(3.0, 0.0, 2.0, 0.0, 1.0, 0.0);
        }
    }

    @Test
    void armsReadWhatTheyWrite() {
        for (String text :
                List.of("lora value", "lora query key", "orthogonal value on untied", "full", "full value")) {
            assertThat(Arm.parse(text).text()).isEqualTo(text);
        }
        assertThat(Arm.parse("  lora key query on tied").text()).isEqualTo("lora query key");
    }

    @Test
    void aSplitCoversEveryPairOnce() {
        Split split = Split.drawn(7, 3);
        assertThat(split.addition()).hasSize(49).doesNotHaveDuplicates();
        assertThat(split.subtraction()).hasSize(49).doesNotHaveDuplicates();
        assertThat(IntStream.of(split.subtraction()).summaryStatistics())
                .matches(all -> all.getMin() == 49 && all.getMax() == 97);
        assertThat(Split.first(split.addition(), .6)).hasSize(29);
        assertThat(Split.rest(split.addition(), .6)).hasSize(20);
        assertThat(Split.rest(split.addition(), 1)).isEmpty();
        assertThat(Split.drawn(7, 4).addition()).isNotEqualTo(split.addition());
    }
}
