package dev.inlay.app.experiments.modular;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizesTest {
    @Test
    void parametersAreThoseOfThePublication() {
        Sizes published = new Sizes(113, 128, 6, Base.TIED);
        assertThat(published.parameters()).isEqualTo(95_872);
        assertThat(published.parameters() + published.idleAsPublished()).isEqualTo(228_864);
        assertThat(new Sizes(23, 48, 2, Base.TIED).parameters()).isEqualTo(11_952);
    }

    @ParameterizedTest
    @CsvSource({"TIED, 2", "TIED, 6", "UNTIED, 3"})
    void everyCountedParameterIsDrawnAndUsed(Base base, int depth) {
        Sizes sizes = new Sizes(5, 8, depth, base);
        try (Scope scope = Scope.open()) {
            Tensor drawn = Weights.drawn(sizes, 3, DType.FLOAT64);
            assertThat(drawn.count()).isEqualTo(sizes.parameters());
            Tensor leaf = drawn.asLeaf();
            Examples examples = Examples.of(5, 0, 7, 13, 24, 26, 40);
            Tensor logits = new Forward(sizes).logits(Weights.of(sizes, leaf), examples);
            Forward.loss(logits, examples).backward();
            Tensor gradient = leaf.gradient();
            assertThat(gradient).isNotNull();
            // Only embeddings of numbers that do not occur here have none.
            long moved = 0;
            for (double each : gradient.toDoubles()) {
                moved += each != 0 ? 1 : 0;
            }
            assertThat(sizes.parameters() - moved).isLessThanOrEqualTo(8);
        }
    }

    @ParameterizedTest
    @CsvSource({"23, 48, 4, 384", "113, 128, 16, 4096"})
    void lowRankChangesOfTheValueMapAreCounted(int modulus, int width, int rank, long count) {
        Sizes sizes = new Sizes(modulus, width, 6, Base.TIED);
        try (Scope scope = Scope.open()) {
            Weights base = Weights.of(sizes, Weights.drawn(sizes, 1, DType.FLOAT32));
            Tensor start = new LowRankTuning(base, List.of(Projection.VALUE), rank, .5, List.of()).start(1);
            assertThat(start.count()).isEqualTo(count);
        }
    }

    @Test
    void impossibleSizesAreRefused() {
        assertThatThrownBy(() -> new Sizes(2, 8, 1, Base.TIED))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("modulus");
        assertThatThrownBy(() -> new Sizes(5, 8, 0, Base.TIED))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("depth");
    }
}
