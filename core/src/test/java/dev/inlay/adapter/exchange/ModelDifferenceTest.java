package dev.inlay.adapter.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.adapter.merge.Merge;
import dev.inlay.adapter.merge.MergeOptions;
import dev.inlay.engine.DType;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.LinearSite;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.SafetensorsWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters made of merged models, against the adapters that were merged. */
class ModelDifferenceTest {
    private static final Recorded LLAMA = new Recorded("llama-gqa-untied");

    @TempDir
    Path folder;

    private Scope scope;
    private Path target;

    @BeforeEach
    void open() {
        scope = Scope.open();
        target = folder.resolve("target");
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @ParameterizedTest
    @CsvSource({"llama-gqa-untied, lora, 4", "llama-gqa-untied, qv, 8", "gpt2-tied, lora, 4"})
    void mergedAdapterIsFoundAgain(String model, String name, int rank) {
        Recorded recorded = new Recorded(model);
        ModelDirectory tuned = merged(recorded, name);
        ModelDifference.Result result = write(recorded.directory(), tuned, new Truncation.Fixed(rank));
        assertThat(result.parts()).hasSize(recorded.read(name).factors().size());
        assertThat(result.parts()).allSatisfy(part -> assertThat(part.error()).isLessThan(1e-5));
        assertThat(result.converted().deviation().orElseThrow().largest()).isLessThan(1e-4);
        assertThat(recorded.distance(recorded.read(target), name)).isLessThan(1e-4);
    }

    @Test
    void reportedErrorIsThatOfTheFactorsWritten() {
        ModelDirectory tuned = merged(LLAMA, "lora");
        Adapter whole = LLAMA.read("lora");
        ModelDifference.Result result = write(LLAMA.directory(), tuned, new Truncation.Fixed(2));
        Adapter kept = LLAMA.read(target);
        Map<String, LinearSite> places = new HashMap<>();
        LLAMA.directory().sites().forEach(place -> places.put(place.path(), place));
        for (ModelDifference.Part part : result.parts()) {
            LinearSite place = places.get(part.path());
            Tensor all = dense(whole.factors().get(place.site()));
            double error = all.minus(dense(kept.factors().get(place.site()))).norm() / all.norm();
            assertThat(part.error()).isGreaterThan(0.01).isCloseTo(error, within(1e-4));
            assertThat(part.change()).isCloseTo(all.norm(), within(1e-4));
        }
        assertThat(result.converted().deviation().orElseThrow().largest()).isGreaterThan(1e-2);
    }

    @Test
    void energyChoosesTheRankOfEachMap() {
        ModelDirectory tuned = merged(LLAMA, "rslora-patterns");
        Adapter merged = LLAMA.read("rslora-patterns");
        ModelDifference.Result result = write(LLAMA.directory(), tuned, new Truncation.Energy(1 - 1e-10));
        Adapter found = LLAMA.read(target);
        found.factors()
                .forEach((site, factor) -> assertThat(factor.rank())
                        .isEqualTo(merged.factors().get(site).rank()));
        assertThat(result.parts().stream().map(ModelDifference.Part::rank).distinct())
                .hasSizeGreaterThan(1);
        assertThat(LLAMA.distance(found, "rslora-patterns")).isLessThan(1e-3);
    }

    @Test
    void differencesThatFactorsCannotExpressAreNamed() {
        ModelDirectory tuned = altered(merged(LLAMA, "lora"), "model.layers.1.input_layernorm.weight");
        assertThatThrownBy(() -> write(LLAMA.directory(), tuned, new Truncation.Fixed(4)))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("model.layers.1.input_layernorm.weight");
        assertThat(target).doesNotExist();
        ModelDifference.Result result = ModelDifference.write(
                LLAMA.directory(), tuned, new Truncation.Fixed(4), ModelDifference.Rest.LEAVE_OUT, "test", target);
        assertThat(result.converted().notes())
                .anySatisfy(note -> assertThat(note).contains("lost", "model.layers.1.input_layernorm.weight"));
        assertThat(LLAMA.distance(LLAMA.read(target), "lora")).isLessThan(1e-4);
    }

    @Test
    void equalModelsAndOtherShapesAreRefused() {
        assertThatThrownBy(() -> write(LLAMA.directory(), LLAMA.directory(), new Truncation.Fixed(4)))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("no linear map");
        assertThatThrownBy(
                        () -> write(LLAMA.directory(), new Recorded("gpt2-tied").directory(), new Truncation.Fixed(4)))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("different linear maps");
    }

    @Test
    void energyKeepsAtLeastOneValueAndNoMoreThanNeeded() {
        double[] values = {2, 1, 1, 0};
        assertThat(new Truncation.Energy(0.01).rank(values)).isEqualTo(1);
        assertThat(new Truncation.Energy(0.8).rank(values)).isEqualTo(2);
        assertThat(new Truncation.Energy(1).rank(values)).isEqualTo(3);
        assertThat(new Truncation.Fixed(9).rank(values)).isEqualTo(4);
    }

    private ModelDifference.Result write(ModelDirectory base, ModelDirectory tuned, Truncation truncation) {
        return ModelDifference.write(base, tuned, truncation, ModelDifference.Rest.REFUSE, "test", target);
    }

    private ModelDirectory merged(Recorded recorded, String name) {
        Path merged = folder.resolve("merged");
        Merge.write(recorded.directory(), recorded.read(name), MergeOptions.DEFAULT, merged);
        return ModelDirectory.open(merged);
    }

    /** The model with a tensor that is twice as large. */
    private static ModelDirectory altered(ModelDirectory model, String name) {
        Path file = model.path().resolve("model.safetensors");
        try (SafetensorsFile stored = SafetensorsFile.open(file)) {
            List<NewTensor> tensors = new ArrayList<>();
            stored.tensors()
                    .forEach((each, tensor) -> tensors.add(
                            each.equals(name)
                                    ? NewTensor.of(each, stored.load(tensor).times(2))
                                    : NewTensor.copyOf(stored, tensor)));
            SafetensorsWriter.write(file, tensors, stored.metadata());
        }
        return ModelDirectory.open(model.path());
    }

    private static Tensor dense(LowRank factor) {
        return new LowRank(factor.up().to(DType.FLOAT64), factor.down().to(DType.FLOAT64), factor.scale()).dense();
    }
}
