package dev.inlay.adapter.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.Modulation;
import dev.inlay.adapter.Probe;
import dev.inlay.adapter.combine.Combination.Term;
import dev.inlay.adapter.gate.FixedGate;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.LoadedAdapter;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Segments;
import dev.inlay.model.Site;
import dev.inlay.testing.Golden;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sums of recorded adapters against what peft makes of them, and against the adapters side by side. */
class CombinationTest {
    private static final Path MODEL = Golden.path("llama-gqa-untied");
    private static final double ROUNDING = 2e-6;

    @TempDir
    Path folder;

    private Scope scope;
    private ModelDirectory model;
    private BaseModel base;
    private Adapter first;
    private Adapter second;

    @BeforeEach
    void open() {
        scope = Scope.open();
        model = ModelDirectory.open(MODEL.resolve("model"));
        base = BaseModel.of(model);
        first = read(MODEL.resolve("adapters/lora")).adapter();
        second = read(MODEL.resolve("adapters/rslora-patterns")).adapter();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private LoadedAdapter read(Path directory) {
        return PeftDirectory.read(directory, base, Set.of());
    }

    private Combination mixed() {
        return new Combination(List.of(new Term(first, 0.7), new Term(second, -0.4)));
    }

    /** peft's "cat" is the sum of the changes, and so is ours. */
    @Test
    void sumIsWhatPeftConcatenates() {
        requireRecorded("cat", mixed().sum());
    }

    /** peft decomposes the dense sum in float32, we the factors in float64. */
    @Test
    void reductionIsWhatPeftMakesByItsDenseDecomposition() {
        requireRecorded("svd", mixed().reduced(Reduction.toRank(3)).adapter());
    }

    /** (sqrt 0.7 + sqrt 0.4)^2 and not 0.7 + 0.4: peft's "linear" adds factors, and only with equal ranks. */
    @Test
    void sumOfFactorsIsNotTheSumOfChanges() {
        double factor = Math.pow(Math.sqrt(0.7) + Math.sqrt(0.4), 2);
        requireRecorded("linear", first.times(factor));
        assertThat(factor).isGreaterThan(2);
    }

    private void requireRecorded(String kind, Adapter actual) {
        Map<String, Site> sites = new HashMap<>();
        model.sites().forEach(place -> sites.put(place.path(), place.site()));
        int compared = 0;
        for (Map.Entry<String, Tensor> recorded :
                Golden.tensors(MODEL.resolve("combined.safetensors")).entrySet()) {
            if (recorded.getKey().startsWith(kind + ".")) {
                Site site = sites.get(recorded.getKey().substring(kind.length() + 1));
                LowRank change = actual.factors().get(site);
                assertThat(Golden.difference(recorded.getValue(), change.dense()))
                        .as("%s", recorded.getKey())
                        .isLessThan(ROUNDING);
                compared++;
            }
        }
        assertThat(compared).isEqualTo(3);
    }

    @Test
    void sumIsWhatTheAdaptersDoSideBySide() {
        try (Decoder decoder = model.load(Device.CPU)) {
            Probe probe = Probe.of(model.config());
            Tensor running = probe.logits(decoder, mixed().running());
            assertThat(Golden.difference(running, probe.logits(decoder, List.of(mixed().sum()))))
                    .isLessThan(2e-5);
            assertThat(Golden.difference(running, probe.logits(decoder, List.of(first))))
                    .isGreaterThan(0.1);
        }
    }

    @Test
    void adaptersOnDifferentMapsCombineOverTheUnion() {
        Adapter query = Adapter.of(Map.of(site(0), first.factors().get(site(0))));
        Adapter head = Adapter.of(Map.of(site(4), first.factors().get(site(4))));
        Adapter sum = new Combination(List.of(new Term(query, 1), new Term(head, 2))).sum();
        assertThat(sum.targets().sites()).containsExactly(site(0), site(4));
        assertThat(Golden.difference(
                        first.factors().get(site(4)).dense().times(2),
                        sum.factors().get(site(4)).dense()))
                .isLessThan(ROUNDING);
    }

    private Site site(int number) {
        return model.sites().get(number).site();
    }

    @Test
    void linesBeginAndEndAtTheAdaptersAndDifferencesVanish() {
        requireSame(first, Combination.between(first, second, 0).sum());
        requireSame(second, Combination.between(first, second, 1).sum());
        Adapter nothing = Combination.difference(first, first).sum();
        nothing.factors()
                .forEach((site, change) -> assertThat(change.norm())
                        .isLessThan(1e-6 * first.factors().get(site).norm()));
    }

    private static void requireSame(Adapter expected, Adapter actual) {
        expected.factors()
                .forEach((site, change) -> assertThat(Golden.difference(
                                change.dense(), actual.factors().get(site).dense()))
                        .isLessThan(ROUNDING));
    }

    @Test
    void energyKeepsAsFewRanksAsHoldTheShare() {
        Combination.Result result = mixed().reduced(Reduction.toEnergy(0.9));
        Adapter sum = mixed().sum();
        for (Combination.ModuleSum module : result.modules()) {
            LowRank whole = sum.factors().get(module.site());
            int rank = (int) module.rank();
            assertThat(whole.spectrum().energyShare(rank)).isGreaterThanOrEqualTo(0.9);
            assertThat(rank == 1 || whole.spectrum().energyShare(rank - 1) < 0.9)
                    .isTrue();
            assertThat(module.error()).isLessThanOrEqualTo(Math.sqrt(0.1) + 1e-12);
            double error =
                    whole.minus(result.adapter().factors().get(module.site())).norm() / whole.norm();
            assertThat(module.error()).isCloseTo(error, within(1e-6));
        }
        assertThat(result.error()).isBetween(0.01, Math.sqrt(0.1));
    }

    @Test
    void writtenCombinationIsReadAgainAndSaysWhatItIs() {
        Combiner.Report report =
                new Combiner(model, base, mixed()).write(folder.resolve("sum"), Reduction.NONE, "tiny", "test");
        LoadedAdapter written = read(report.directory());
        requireSame(mixed().sum(), written.adapter());
        assertThat(written.provenance().orElseThrow().run())
                .startsWith("combine 0.7 sha256:")
                .contains(" + -0.4 sha256:");
        assertThat(report.difference().largest()).isLessThan(2e-5);
        assertThat(report.effect().largest()).isGreaterThan(0.1);
        assertThat(report.result().modules().stream()
                        .map(Combination.ModuleSum::ranks)
                        .distinct())
                .contains(List.of(4L), List.of(4L, 6L), List.of(4L, 2L));
    }

    /** GPT-2 stores its maps the other way round, and its tied head is no target. */
    @Test
    void combinationsOfGpt2AreWrittenInItsLayout() {
        Path recorded = Golden.path("gpt2-tied");
        ModelDirectory gpt2 = ModelDirectory.open(recorded.resolve("model"));
        BaseModel kind = BaseModel.of(gpt2);
        Adapter one = PeftDirectory.read(recorded.resolve("adapters/qv"), kind, Set.of())
                .adapter();
        Combination half = new Combination(List.of(new Term(one, 0.25), new Term(one, 0.25)));
        Combiner.Report report =
                new Combiner(gpt2, kind, half).write(folder.resolve("half"), Reduction.toRank(8), "tiny", "test");
        assertThat(report.result().error()).isLessThan(1e-6);
        assertThat(report.difference().largest()).isLessThan(2e-5);
        requireSame(
                one.times(0.5),
                PeftDirectory.read(report.directory(), kind, Set.of()).adapter());
    }

    @Test
    void adaptersThatDoNotAddAreRefused() {
        Gate gate = new FixedGate(Segments.CLOSED);
        Adapter gated = new Adapter(first.targets(), first.factors(), gate, Modulation.NONE);
        for (List<Term> terms : List.of(
                List.of(new Term(gated, 1)),
                List.of(new Term(first, 1), new Term(gated, 1)),
                List.of(new Term(gated, 1), new Term(first, 1)))) {
            assertThatThrownBy(() -> new Combination(terms).sum())
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("gate closed");
        }
    }

    @Test
    void numbersThatAreNoneAreRefused() {
        Map<Site, LowRank> factors = new TreeMap<>(first.factors());
        factors.computeIfPresent(
                site(2), (site, change) -> new LowRank(change.up().times(Double.NaN), change.down(), 1));
        Combination broken = new Combination(List.of(new Term(Adapter.of(factors), 1), new Term(second, 1)));
        assertThatThrownBy(() ->
                        new Combiner(model, base, broken).write(folder.resolve("x"), Reduction.NONE, "tiny", "test"))
                .hasMessageContaining("layer 0 VALUE")
                .hasMessageContaining("NaN");
        assertThat(folder).isEmptyDirectory();
        assertThatThrownBy(() -> new Term(first, Double.NaN)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> Reduction.toEnergy(1.5)).hasMessageContaining("1.5");
        assertThatThrownBy(() -> Reduction.toRank(0)).hasMessageContaining("0");
    }
}
