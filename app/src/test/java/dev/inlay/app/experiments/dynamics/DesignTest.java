package dev.inlay.app.experiments.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import dev.inlay.dynamics.Finding;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DesignTest {
    private static final Map<String, String> PAIR = Map.of("change", "value diagonal 2 -{eps}", "time", "20");

    @Test
    void theGridHasAllCombinationsInOrder() {
        Design design = new Design(PAIR, List.of(Variable.parse("eps=0.1,0.2"), Variable.parse("beta=1:3:3")), 0, 0);
        assertThat(design.size()).isEqualTo(6);
        assertThat(design.values(4)).containsExactly(.2, 2);
        Setting setting = design.setting(4);
        assertThat(setting.change()).isEqualTo("value diagonal 2 -0.2");
        assertThat(setting.beta()).isEqualTo(2);
    }

    @Test
    void logarithmicValuesHaveEqualRatios() {
        List<Double> values = Variable.parse("eps=log:0.001:1:4").values();
        assertThat(values).hasSize(4);
        for (int k = 0; k < 3; k++) {
            assertThat(values.get(k + 1) / values.get(k)).isCloseTo(10, within(1e-9));
        }
    }

    @Test
    void randomRunsDependOnTheirNumberAlone() {
        Design design = new Design(PAIR, List.of(Variable.parse("eps=log:0.001:1:2")), 50, 3);
        assertThat(design.values(7)).isEqualTo(design.values(7));
        assertThat(IntStream.range(0, 50).mapToDouble(k -> design.values(k)[0]))
                .allMatch(each -> each >= .001 && each <= 1)
                .doesNotHaveDuplicates();
    }

    @Test
    void aVariableThatNothingNamesIsRefused() {
        Design design = new Design(PAIR, List.of(Variable.parse("delte=1,2")), 0, 0);
        assertThatThrownBy(() -> design.setting(0))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("{delte}");
        assertThatThrownBy(() -> Variable.parse("eps")).isInstanceOf(InlayException.class);
        assertThatThrownBy(() -> Variable.parse("eps=log:-1:1:3")).isInstanceOf(InlayException.class);
        assertThatThrownBy(() -> Variable.parse("eps=a")).isInstanceOf(InlayException.class);
    }

    @Test
    void aSlopeAndItsIntervalAreThoseOfTheFormula() {
        double[] x = {1, 2, 4, 8};
        double[] y = {1.1, .48, .26, .124};
        Fit fit = Fit.of("x", "y", x, y);
        // From scipy.stats.linregress of the logarithms, Student's t with 2 degrees of freedom.
        assertThat(fit.slope()).isCloseTo(-1.0331797, within(1e-6));
        assertThat(fit.high() - fit.slope()).isCloseTo(fit.slope() - fit.low(), within(1e-12));
        assertThat(fit.high() - fit.slope()).isCloseTo(0.1741784, within(1e-6));
        assertThat(Fit.of("x", "y", x, new double[] {1, Double.NaN, 0, 2}).slope())
                .isNaN();
    }

    @Test
    void everyPresetIsASetting() {
        Presets.named().forEach((name, preset) -> {
            for (String variant : List.of("paper", "exact")) {
                Map<String, String> texts = Presets.texts(name, variant);
                Setting setting = preset.grid().isEmpty()
                        ? Setting.of(texts)
                        : new Design(
                                        texts,
                                        preset.grid().stream()
                                                .map(Variable::parse)
                                                .toList(),
                                        0,
                                        0)
                                .setting(0);
                assertThat(Setting.of(setting.texts())).isEqualTo(setting);
            }
        });
    }

    /** What an independent simulation of the published scheme found for the article's figure. */
    @Test
    void theArticlesFigureEndsInItsClusters() {
        Outcome outcome = Outcome.of(Setting.of(Presets.texts("v-finetune", "paper")));
        double[][] known = {{-4.763, 3.357}, {-4.288, -4.128}, {.847, 4.234}, {4.786, 2.989}, {4.877, -3.983}};
        assertThat(outcome.numbers()).containsEntry("clusters", 5.0).containsEntry("changed_clusters", 2.0);
        for (double[] cluster : known) {
            assertThat(has(outcome.base().last(), cluster)).isTrue();
        }
        double[] changed = outcome.changed().orElseThrow().last();
        assertThat(has(changed, new double[] {-4.767, 3.351})).isTrue();
        assertThat(has(changed, known[4])).isTrue();
        assertThat(has(changed, known[0])).isFalse();
    }

    private static boolean has(double[] x, double[] token) {
        for (int i = 0; i < x.length; i += 2) {
            if (Math.abs(x[i] - token[0]) < 1e-3 && Math.abs(x[i + 1] - token[1]) < 1e-3) {
                return true;
            }
        }
        return false;
    }

    @ParameterizedTest
    @CsvSource({
        "polytope, T2",
        "polytope-3d, T2",
        "hyperplanes-2d, T4",
        "hyperplanes-3d-neg, T4",
        "hyperplanes-3d-pos, T4",
        "codimension-k, T4",
        "hybrid, T4",
        "hybrid-3d, T4",
        "degenerate, T2"
    })
    void noStatementIsContradictedByThePublishedSimulations(String name, String known) {
        for (String variant : List.of("exact", "paper")) {
            List<Finding> findings = Outcome.of(Setting.of(Presets.texts(name, variant)))
                    .findings()
                    .get("base");
            assertThat(findings).as(name).noneMatch(finding -> finding.verdict() == Finding.Verdict.VIOLATED);
            assertThat(findings)
                    .as(name)
                    .anyMatch(finding ->
                            finding.statement().startsWith(known) && finding.verdict() == Finding.Verdict.HOLDS);
        }
    }

    @Test
    void boundsLieAboveWhatIsMeasured() {
        for (String space : List.of("euclidean", "sphere")) {
            Map<String, String> texts = Map.of(
                    "space",
                    space,
                    "tokens",
                    "6",
                    "time",
                    "0.6",
                    "start",
                    "sphere",
                    "change",
                    "value gaussian 1 1 norm 0.01");
            BoundTable table = BoundTable.of(Setting.of(texts));
            for (BoundTable.Row row : table.rows(6)) {
                double log = Math.log(row.measured());
                assertThat(log).isLessThanOrEqualTo(row.logMeasured());
                assertThat(row.logMeasured()).isLessThan(row.logPrior());
                assertThat(row.tangent() / row.measured()).isCloseTo(1, within(.05));
            }
        }
    }
}
