package dev.inlay.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import dev.inlay.adapter.AdapterSummary.SiteChange;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Projection;
import dev.inlay.model.Site;
import dev.inlay.testing.Golden;
import dev.inlay.testing.GoldenAdapter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdapterSummaryTest {
    private static final String MODEL = "llama-gqa-untied";

    private Scope scope;
    private Decoder decoder;
    private Adapter adapter;

    @BeforeEach
    void open() {
        scope = Scope.open();
        decoder = Decoder.load(Golden.path(MODEL).resolve("model"), Device.CPU);
        adapter = GoldenAdapter.of(
                Golden.tensors(Golden.path(MODEL).resolve("adapters/lora/adapter_model.safetensors")),
                decoder.sites(),
                2);
    }

    @AfterEach
    void close() {
        decoder.close();
        scope.close();
    }

    @Test
    void normsEqualThoseOfTheProduct() {
        AdapterSummary summary = summary(adapter);
        assertThat(summary.sites()).hasSameSizeAs(adapter.factors().keySet());
        for (SiteChange change : summary.sites()) {
            LowRank factors = adapter.factors().get(change.site());
            double expected = factors.dense().norm();
            assertThat(change.change()).isPositive().isCloseTo(expected, within(1e-6 * expected));
            assertThat(change.relative())
                    .isCloseTo(expected / decoder.weight(change.site()).norm(), within(1e-6));
            assertThat(change.rank()).isEqualTo(factors.rank());
            assertThat(summary.largest().relative()).isGreaterThanOrEqualTo(change.relative());
        }
        assertThat(summary.unchanged()).isEmpty();
    }

    @Test
    void sitesWithAZeroFactorAreNamed() {
        Site query = new Site(0, Projection.QUERY);
        LowRank old = adapter.factors().get(query);
        Adapter untrained = Adapter.of(Map.of(
                query, new LowRank(Tensor.zeros(DType.FLOAT32, Device.CPU, old.out(), old.rank()), old.down(), 2)));
        AdapterSummary summary = summary(untrained);
        assertThat(summary.unchanged()).containsExactly(query);
        assertThat(summary.largest().change()).isZero();
    }

    @Test
    void probeProvesThatAnAdapterChangesTheLogits() {
        Probe probe = Probe.of(decoder.config());
        LogitDifference effect = probe.requireEffect(decoder, Parts.of(adapter));
        Tensor without = probe.logits(decoder, List.of());
        Tensor with = probe.logits(decoder, List.of(adapter));
        assertThat(effect.largest()).isCloseTo(Golden.difference(without, with), within(1e-9));
        assertThat(effect.mean()).isPositive().isLessThan(effect.largest());
        assertThat(effect.divergence()).isPositive();
        assertThat(LogitDifference.between(with, with)).isEqualTo(new LogitDifference(0, 0, 0));
    }

    @Test
    void adapterThatChangesNothingIsRefused() {
        Adapter nothing = adapter.mapTensors(factor -> factor.times(0));
        assertThatThrownBy(() -> Probe.of(decoder.config()).requireEffect(decoder, Parts.of(nothing)))
                .isInstanceOfSatisfying(
                        InlayException.class, e -> assertThat(e.kind()).isEqualTo(InlayException.Kind.DIVERGED))
                .hasMessageContaining("changes none");
    }

    @Test
    void adapterThatMakesNoNumbersIsRefused() {
        Adapter broken = adapter.mapTensors(factor -> factor.times(Double.NaN));
        assertThatThrownBy(() -> Probe.of(decoder.config()).requireEffect(decoder, Parts.of(broken)))
                .hasMessageContaining("not finite");
    }

    @Test
    void divergenceOfAKnownPairIsTheKnownNumber() {
        Tensor fair = Tensor.of(new double[] {0, 0}, 1, 2);
        Tensor biased = Tensor.of(new double[] {Math.log(3), 0}, 1, 2);
        // 0.5 ln(0.5 / 0.75) + 0.5 ln(0.5 / 0.25)
        double expected = 0.5 * Math.log(2.0 / 3) + 0.5 * Math.log(2);
        LogitDifference difference = LogitDifference.between(fair, biased);
        assertThat(difference.divergence()).isCloseTo(expected, within(1e-12));
        assertThat(difference.largest()).isCloseTo(Math.log(3), within(1e-12));
        assertThat(difference.mean()).isCloseTo(Math.log(3) / 2, within(1e-12));
    }

    private AdapterSummary summary(Adapter measured) {
        return AdapterSummary.of(measured, site -> decoder.weight(site).norm());
    }
}
