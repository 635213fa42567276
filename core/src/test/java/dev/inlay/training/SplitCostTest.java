package dev.inlay.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.model.ModelDirectory;
import dev.inlay.testing.Golden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SplitCostTest {
    /** Active weights, layers and query width as published for Qwen2.5-0.5B and Llama-3.1-8B. */
    private static final SplitCost QWEN = new SplitCost(0.358e9, 24 * 896);

    private static final SplitCost LLAMA = new SplitCost(6.98e9, 32 * 4096);

    @ParameterizedTest
    @CsvSource({
        "400, 200, 1.51, 1.50, 2.39, 2.40, 2.88, 2.90, 2.97, 2.99",
        "400, 45, 1.84, 1.82, 4.70, 4.69, 8.61, 8.66, 9.78, 9.85",
        "4000, 60, 2.16, 2.04, 7.82, 7.46, 33.3, 33.2, 62.2, 65.5",
        "16000, 200, 2.45, 2.20, 8.83, 8.07, 37.0, 36.5, 67.8, 73.4"
    })
    void fact26_theTable(
            double prefix,
            double suffix,
            double split,
            double splitLarge,
            double epochs,
            double epochsLarge,
            double arms,
            double armsLarge,
            double limit,
            double limitLarge) {
        assertCells(QWEN.row(prefix, suffix), split, epochs, arms, limit);
        assertCells(LLAMA.row(prefix, suffix), splitLarge, epochsLarge, armsLarge, limitLarge);
    }

    private static void assertCells(SplitCost.Total row, double split, double epochs, double arms, double limit) {
        // The table has three digits, so half a unit of the third is added to the asked half per cent.
        assertThat(row.split()).isCloseTo(split, within(0.005 * split + 0.005));
        assertThat(row.kept(4)).isCloseTo(epochs, within(0.005 * epochs));
        assertThat(row.kept(32)).isCloseTo(arms, within(0.005 * arms));
        assertThat(row.limit()).isCloseTo(limit, within(0.005 * limit));
    }

    @Test
    void fact26_linearTermsAlone() {
        SplitCost linear = SplitCost.linear();
        assertThat(linear.row(1e9, 1).split()).isLessThan(2).isCloseTo(2, within(1e-6));
        assertThat(linear.row(400, 200).limit()).isCloseTo(3.0, within(1e-12));
        assertThat(linear.row(400, 45).limit()).isCloseTo(9.889, within(1e-3));
        assertThat(linear.row(400, 45).kept(1)).isEqualTo(linear.row(400, 45).split());
    }

    @Test
    void rowsAddUp() {
        SplitCost.Total both = QWEN.row(400, 45).plus(QWEN.row(100, 60)).plus(SplitCost.Total.NOTHING);
        assertThat(both.whole())
                .isEqualTo(QWEN.row(400, 45).whole() + QWEN.row(100, 60).whole());
        assertThat(both.limit())
                .isBetween(QWEN.row(100, 60).limit(), QWEN.row(400, 45).limit());
    }

    /** Layers of width 16: queries and output 16 x 16, keys and values 8 x 16 or what the model has, three maps of feed-forward. */
    @Test
    void aModelsWeightsAreThoseOfItsLayers() {
        var config = ModelDirectory.open(Golden.path("llama-gqa-untied/model")).config();
        var shape = config.attention();
        double inLayers = (double) config.layers()
                * config.width()
                * (2.0 * shape.queryWidth() + 2.0 * shape.keyValueWidth() + 3.0 * config.feedForward());
        assertThat(SplitCost.of(config).weights()).isCloseTo(inLayers, within(0.05 * inLayers));
        assertThat(SplitCost.of(config).attention()).isEqualTo(config.layers() * shape.queryWidth());
    }
}
