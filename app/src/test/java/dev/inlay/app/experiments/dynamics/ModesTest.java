package dev.inlay.app.experiments.dynamics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.inlay.InlayException;
import dev.inlay.dynamics.Clusters;
import dev.inlay.dynamics.Head;
import dev.inlay.dynamics.Matrix;
import dev.inlay.dynamics.Mersenne;
import dev.inlay.dynamics.Weights;
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
    @CsvSource({"rescaled", "euclidean", "sphere", "linear", "feed-forward tanh gaussian"})
    void headsThatShareVAreOneInEverySpaceWithItsChange(String space) {
        String[] one = {"space", space, "value", "diagonal 1 0.5", "time", "3", "change", "value diagonal 2 -0.2"};
        String[] four = {"space", space, "value", "diagonal 0.25 0.125", "time", "3", "change", "value diagonal 2 -0.2"
        };
        Outcome single = of(Map.of("seed", "4", "scheme", "reference"), one);
        Outcome several = of(Map.of("seed", "4", "scheme", "reference", "heads", "4"), four);
        assertThat(several.base().last()).containsExactly(single.base().last(), within(1e-8));
        assertThat(several.changed().orElseThrow().last())
                .containsExactly(single.changed().orElseThrow().last(), within(1e-8));
        assertThat(several.changed().orElseThrow().heads().get(0))
                .isNotEqualTo(several.base().heads().get(0));
    }

    @Test
    void aTextOfEachHeadIsItsOwnAndOneThatDrawsDrawsForEach() {
        Outcome outcome = of(
                SPHERE,
                "heads",
                "2",
                "score",
                "gaussian",
                "value",
                "diagonal 1 2 3 | zero",
                "change",
                "head 1 value constant 0.5");
        List<Head> heads = outcome.base().heads();
        assertThat(heads.get(0).score()).isNotEqualTo(heads.get(1).score());
        assertThat(heads.get(0).value()).isEqualTo(Matrix.diagonal(1, 2, 3));
        assertThat(heads.get(1).value()).isEqualTo(Matrix.zero(3, 3));
        List<Head> changed = outcome.changed().orElseThrow().heads();
        assertThat(changed.get(0)).isEqualTo(heads.get(0));
        assertThat(changed.get(1).value().get(2, 1)).isEqualTo(.5);
        // More heads keep those that were there.
        assertThat(of(SPHERE, "heads", "3", "score", "gaussian").base().heads())
                .startsWith(of(SPHERE, "heads", "2", "score", "gaussian")
                        .base()
                        .heads()
                        .toArray(Head[]::new));
    }

    @Test
    void noStatementSpeaksOfSeveralHeadsButBoundsDo() {
        Outcome outcome = of(SPHERE, "heads", "2", "change", "value constant 0.001");
        assertThat(outcome.findings().get("base")).isEmpty();
        assertThat(outcome.warnings()).anyMatch(line -> line.contains("several heads"));
        BoundTable.of(outcome.setting()).rows(5).forEach(row -> {
            assertThat(Math.log(row.measured()))
                    .isLessThanOrEqualTo(row.logMeasured())
                    .isLessThanOrEqualTo(row.logPrior());
            assertThat(row.tangent()).isCloseTo(row.measured(), withinPercentage(1));
        });
    }

    private static final String[] DRAWN = {
        "score", "gaussian", "value", "gaussian", "scheme", "projected-euler", "change", "value gaussian 1 1 norm 0.1"
    };

    private static Outcome resampled(String time, String... more) {
        Map<String, String> texts = new HashMap<>(SPHERE);
        for (int k = 0; k < DRAWN.length; k += 2) {
            texts.put(DRAWN[k], DRAWN[k + 1]);
        }
        texts.put("resample", time);
        return of(texts, more);
    }

    @Test
    void weightsThatAreDrawnAnewAreOfTheirSeedAndThoseOfTheWholeTimeAreDrawnOnce() {
        Outcome once = resampled("never");
        Outcome whole = resampled("6");
        assertThat(whole.base().last()).isEqualTo(once.base().last());
        assertThat(whole.changed().orElseThrow().last())
                .isEqualTo(once.changed().orElseThrow().last());
        assertThat(Frame.of(whole.base(), 6).attention())
                .isEqualTo(Frame.of(once.base(), 6).attention());
        double[] often = resampled("0.5").base().last();
        assertThat(often)
                .isEqualTo(resampled("0.5").base().last())
                .isNotEqualTo(once.base().last());
        assertThat(resampled("0.5", "seed", "4").base().last()).isNotEqualTo(often);
        // Until the second draw nothing differs.
        assertThat(resampled("2").base().at(2)).isEqualTo(once.base().at(2));
        assertThat(resampled("2").base().at(2.1)).isNotEqualTo(once.base().at(2.1));
    }

    @Test
    void bothRunsSeeTheSameDrawsAndOneChange() {
        Outcome none = resampled("0.5", "change", "value constant 0");
        assertThat(none.changed().orElseThrow().last()).isEqualTo(none.base().last());
        Setting setting =
                resampled("0.5", "heads", "2", "value", "identity | gaussian").setting();
        Mersenne random = new Mersenne(5);
        Weights base = Heads.base(setting, Heads.of(setting, random));
        Weights changed = Heads.changed(setting, base, random);
        Matrix change = changed.at(0).get(0).value().minus(base.at(0).get(0).value());
        assertThat(change.norm()).isCloseTo(.1, within(1e-12));
        for (double t : new double[] {.5, 1.7, 5.9}) {
            Head first = base.at(t).get(0);
            assertThat(first.value()).isEqualTo(Matrix.identity(3));
            assertThat(first.score()).isNotEqualTo(base.at(0).get(0).score());
            assertThat(changed.at(t).get(0))
                    .isEqualTo(new Head(first.score(), first.value().plus(change)));
            assertThat(changed.at(t).get(1)).isEqualTo(base.at(t).get(1));
            assertThat(base.at(t).get(1).value())
                    .isNotEqualTo(base.at(t - .5).get(1).value());
        }
    }

    @Test
    void noStatementAndNoBoundSpeaksOfWeightsThatAreDrawnAnew() {
        Outcome outcome = resampled("0.5");
        assertThat(outcome.findings().get("base")).isEmpty();
        assertThat(outcome.warnings()).anyMatch(line -> line.contains("drawn anew"));
        assertThatThrownBy(() -> BoundTable.of(outcome.setting()))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("drawn anew");
    }

    @ParameterizedTest
    @CsvSource({
        "scheme, rk4, asks for them once a step",
        "scheme, adaptive, asks for them once a step",
        "resample, 0.01, at least the step 0.1",
        "resample, -1, above 0",
        "resample, sometimes, a number is expected",
        "space, rescaled, need space sphere or euclidean",
        "step, 1e-7, more than are kept"
    })
    void whatCannotBeDrawnAnewIsRefused(String name, String text, String expected) {
        assertThatThrownBy(() -> resampled("0.5", name, text))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining(expected);
    }

    @Test
    void drawingAnewNeedsSomethingThatIsDrawn() {
        assertThatThrownBy(() -> of(SPHERE, "resample", "1", "scheme", "euler"))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("neither is drawn");
    }

    @ParameterizedTest
    @CsvSource({
        "heads, 0, from 1 to 1000",
        "value, zero | identity | zero, names 3 heads",
        "change, head 2 value constant 1, heads 0 to 0",
        "change, head value constant 1, value",
        "normalisation, pre, rescaled",
        "normalisation, pre 1, needs space sphere",
        "space, feed-forward, needs more words",
        "space, feed-forward cosine, relu",
        "space, sphere pre, no more words",
        "scheme, euler-maruyama, needs more words",
        "scheme, euler-maruyama -1, below 0",
        "change, value random 1 1 per-layer, asks for them once a step"
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
                .hasMessageContaining("noise");
    }
}
