package dev.inlay.app.experiments.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.dynamics.Clusters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Spaces, norms, noise and layers that a setting names. */
class ModesTest {
    private static final Map<String, String> SPHERE =
            Map.of("space", "sphere", "tokens", "8", "dimension", "3", "start", "sphere", "time", "6", "seed", "3");

    private static Outcome of(Map<String, String> base, String... more) {
        Map<String, String> texts = new HashMap<>(base);
        for (int k = 0; k < more.length; k += 2) {
            texts.put(more[k], more[k + 1]);
        }
        return Outcome.of(Setting.of(texts));
    }

    @Test
    void everyPresetIsASettingOfWhichTheFirstRunWorks() {
        Presets.named().forEach((name, preset) -> {
            for (String variant : List.of("exact", "paper")) {
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
                assertThat(Setting.of(setting.texts())).as(name).isEqualTo(setting);
            }
        });
    }

    @Test
    void withoutAttentionTokensStandStillAndItsRankFalls() {
        Outcome outcome =
                of(Map.of(), "space", "linear", "tokens", "12", "dimension", "20", "value", "psd", "time", "11");
        assertThat(Frame.of(outcome.base(), 0).attentionRank()).isEqualTo(12);
        assertThat(Frame.of(outcome.base(), 11).attentionRank()).isLessThanOrEqualTo(3);
        assertThat(Outcome.distance(outcome.base().at(0), outcome.base().last(), 20))
                .isLessThan(1e-9);
    }

    @Test
    void normsChangeHowFastTokensMeet() {
        double post = Clusters.leastCosine(of(SPHERE).base().last(), 3);
        double pre =
                Clusters.leastCosine(of(SPHERE, "normalisation", "pre 1").base().last(), 3);
        double late = Clusters.leastCosine(
                of(SPHERE, "normalisation", "mix 6 1").base().last(), 3);
        double fast = Clusters.leastCosine(
                of(SPHERE, "normalisation", "ngpt 4").base().last(), 3);
        assertThat(pre).isLessThan(post - .01);
        assertThat(late).isBetween(post - 1e-6, post + 1e-6);
        assertThat(fast).isGreaterThan(post);
        assertThat(of(SPHERE, "normalisation", "pre 1").findings().get("base")).isEmpty();
    }

    @Test
    void noiseIsOfItsSeedAndNoneIsTheSchemeWithoutIt() {
        double[] none = of(SPHERE, "scheme", "euler-maruyama 0").base().last();
        double[] some = of(SPHERE, "scheme", "euler-maruyama 0.3").base().last();
        assertThat(none)
                .isEqualTo(of(SPHERE, "scheme", "projected-euler").base().last());
        assertThat(some)
                .isEqualTo(of(SPHERE, "scheme", "euler-maruyama 0.3").base().last());
        assertThat(some).isNotEqualTo(none);
    }

    @Test
    void changesOfEachLayerPartlyCancel() {
        String[] deep = {"scheme", "projected-euler", "step", "0.0625", "time", "4", "change"};
        double[] drifts = new double[2];
        for (int seed = 0; seed < 10; seed++) {
            for (int k = 0; k < 2; k++) {
                Map<String, String> texts = new HashMap<>(SPHERE);
                texts.put("seed", String.valueOf(seed));
                texts.put(deep[0], deep[1]);
                texts.put(deep[2], deep[3]);
                texts.put(deep[4], deep[5]);
                texts.put(deep[6], k == 0 ? "value random 2 0.1" : "value random 2 0.1 per-layer");
                drifts[k] += Outcome.of(Setting.of(texts)).numbers().get("rms");
            }
        }
        assertThat(drifts[1]).isPositive().isLessThan(drifts[0] / 3);
    }

    @ParameterizedTest
    @CsvSource({
        "normalisation, pre, rescaled",
        "normalisation, pre 1, needs space sphere",
        "space, feed-forward, needs more words",
        "space, feed-forward cosine, relu",
        "space, sphere pre, no more words",
        "scheme, euler-maruyama, needs more words",
        "scheme, euler-maruyama -1, below 0",
        "change, value random 1 1 per-layer, sphere or euclidean"
    })
    void mistakesNameWhatIsExpected(String name, String text, String expected) {
        assertThatThrownBy(() -> of(Map.of("tokens", "4", "time", "1"), name, text))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining(expected);
    }

    @Test
    void boundsAreRefusedWhereNoneIsKnown() {
        Setting noisy = of(SPHERE, "scheme", "euler-maruyama 0.1", "change", "value constant 0.1")
                .setting();
        assertThatThrownBy(() -> BoundTable.of(noisy))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("without noise");
    }
}
