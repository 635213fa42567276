package dev.inlay.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.LooseChanges;
import dev.inlay.adapter.peft.PeftDirectory;
import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Svd;
import dev.inlay.engine.Tensor;
import dev.inlay.model.ModelDirectory;
import dev.inlay.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers of recorded adapters against dense matrices and their decompositions in float64. */
class AnalysisTest {
    private static final double ROUNDING = 1e-10;

    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static Map<String, LowRank> changes(String model, String adapter) {
        return LooseChanges.read(Golden.path(model).resolve("adapters").resolve(adapter), Set.of());
    }

    private static Tensor dense(LowRank change) {
        return change.up()
                .to(DType.FLOAT64)
                .matmul(change.down().to(DType.FLOAT64))
                .times(change.scale());
    }

    @ParameterizedTest
    @CsvSource({"llama-gqa-untied,lora", "llama-gqa-untied,rslora-patterns", "gpt2-tied,qv"})
    void spectraAreThoseOfTheDenseChanges(String model, String adapter) {
        Map<String, LowRank> changes = changes(model, adapter);
        AdapterChanges measured = AdapterChanges.of(changes, path -> OptionalDouble.of(2));
        double energy = 0;
        Map<String, Double> kinds = new HashMap<>();
        Map<String, Double> layers = new HashMap<>();
        for (ModuleChange module : measured.modules()) {
            Tensor dense = dense(changes.get(module.path().text()));
            double[] values = Svd.of(dense).values().toDoubles();
            for (int i = 0; i < module.spectrum().values().size(); i++) {
                assertThat(module.spectrum().values().get(i)).isCloseTo(values[i], within(ROUNDING * values[0]));
            }
            assertThat(module.norm()).isCloseTo(dense.norm(), within(ROUNDING));
            assertThat(module.relative()).hasValue(module.norm() / 2);
            double own = dense.norm() * dense.norm();
            energy += own;
            kinds.merge(module.path().kind(), own, Double::sum);
            layers.merge(String.valueOf(module.path().layer().orElseThrow()), own, Double::sum);
        }
        requireShares(kinds, energy, measured.energyByKind());
        requireShares(layers, energy, measured.energyByLayer());
    }

    private static void requireShares(Map<String, Double> expected, double energy, Map<String, Double> actual) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        actual.forEach(
                (name, share) -> assertThat(share).as(name).isCloseTo(expected.get(name) / energy, within(ROUNDING)));
    }

    @Test
    void changesReadWithoutAModelAreThoseReadWithIt() {
        Path recorded = Golden.path("llama-gqa-untied");
        ModelDirectory model = ModelDirectory.open(recorded.resolve("model"));
        Adapter adapter = PeftDirectory.read(
                        recorded.resolve("adapters/rslora-patterns"), BaseModel.of(model), Set.of())
                .adapter();
        Map<String, LowRank> withModel = ModulePath.changes(adapter, model.sites());
        Map<String, LowRank> without = changes("llama-gqa-untied", "rslora-patterns");
        assertThat(without.keySet()).isEqualTo(withModel.keySet());
        without.forEach((path, change) -> assertThat(
                        Golden.difference(withModel.get(path).dense(), change.dense()))
                .isZero());
    }

    @Test
    void adapterWithSomethingBesideFactorsIsNotHalfRead(@TempDir Path folder) throws IOException {
        Path recorded = Golden.path("llama-gqa-untied/adapters/lora");
        String config = Files.readString(recorded.resolve("adapter_config.json"));
        Files.copy(recorded.resolve("adapter_model.safetensors"), folder.resolve("adapter_model.safetensors"));
        Files.writeString(folder.resolve("adapter_config.json"), config.replace("\"r\": 4", "\"r\": 5"));
        assertThatThrownBy(() -> LooseChanges.read(folder, Set.of()))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("rank 4");
        Files.writeString(folder.resolve("adapter_config.json"), config);
        Files.copy(
                Golden.path("llama-gqa-untied/combined.safetensors"),
                folder.resolve("adapter_model.safetensors"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> LooseChanges.read(folder, Set.of()))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("cat.model.layers");
    }

    @Test
    void similarityIsThatOfTheDenseChanges() {
        Map<String, LowRank> first = changes("llama-gqa-untied", "lora");
        Map<String, LowRank> second = changes("llama-gqa-untied", "rslora-patterns");
        Similarity similarity = Similarity.of(first, second);
        double inner = 0;
        for (Similarity.OfModule module : similarity.modules()) {
            Tensor a = dense(first.get(module.path().text()));
            Tensor b = dense(second.get(module.path().text()));
            double product = a.times(b).sum().item();
            assertThat(module.cosine()).isCloseTo(product / (a.norm() * b.norm()), within(ROUNDING));
            inner += product;
        }
        assertThat(similarity.modules()).hasSameSizeAs(second.keySet());
        assertThat(similarity.cosine()).isCloseTo(inner / (norm(first) * norm(second)), within(ROUNDING));
        assertThat(Similarity.of(second, first).cosine()).isCloseTo(similarity.cosine(), within(ROUNDING));
    }

    private static double norm(Map<String, LowRank> changes) {
        return Math.sqrt(changes.values().stream()
                .mapToDouble(change -> Math.pow(dense(change).norm(), 2))
                .sum());
    }

    @Test
    void multipleOfAnAdapterPointsTheSameWay() {
        Map<String, LowRank> first = changes("llama-gqa-untied", "qv");
        Map<String, LowRank> opposite = new HashMap<>();
        first.forEach((path, change) -> opposite.put(path, change.times(-3)));
        Similarity similarity = Similarity.of(first, opposite);
        assertThat(similarity.cosine()).isCloseTo(-1, within(ROUNDING));
        for (Similarity.OfModule module : similarity.modules()) {
            assertThat(module.written().radians())
                    .hasSize(8)
                    .allSatisfy(angle -> assertThat(angle).isCloseTo(0, within(1e-12)));
            assertThat(module.read().overlap()).isCloseTo(1, within(ROUNDING));
        }
    }

    /** Planes in four dimensions whose angles are given: also one that a cosine could not tell from 0. */
    @Test
    void anglesOfKnownPlanesAreTheKnownAngles() {
        double small = 1e-9;
        double large = 1.2;
        Tensor first = Tensor.of(new double[] {1, 0, 0, 1, 0, 0, 0, 0}, 4, 2);
        Tensor second = Tensor.of(
                new double[] {Math.cos(small), 0, 0, Math.cos(large), Math.sin(small), 0, 0, Math.sin(large)}, 4, 2);
        List<Double> angles = PrincipalAngles.between(first, second).radians();
        assertThat(angles.get(0)).isCloseTo(small, within(1e-6 * small));
        assertThat(angles.get(1)).isCloseTo(large, within(ROUNDING));
        PrincipalAngles line = PrincipalAngles.between(first, second.narrow(1, 1, 1));
        assertThat(line.radians())
                .hasSize(1)
                .first()
                .satisfies(angle -> assertThat(angle).isCloseTo(large, within(ROUNDING)));
        assertThat(line.overlap()).isCloseTo(Math.pow(Math.cos(large), 2), within(ROUNDING));
    }

    @Test
    void pathsTellLayerAndKind() {
        assertThat(new ModulePath("model.layers.12.mlp.down_proj").layer()).hasValue(12);
        assertThat(new ModulePath("model.layers.12.mlp.down_proj").kind()).isEqualTo("down_proj");
        assertThat(new ModulePath("lm_head").layer()).isEmpty();
    }
}
