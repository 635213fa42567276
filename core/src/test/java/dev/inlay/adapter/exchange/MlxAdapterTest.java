package dev.inlay.adapter.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.LowRank;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.LinearSite;
import dev.inlay.model.Site;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.JsonObject;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsWriter;
import dev.inlay.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters in the layout of mlx-lm against the logits that peft records. */
class MlxAdapterTest {
    private static final Recorded LLAMA = new Recorded("llama-gqa-untied");
    private static final String CONFIG = """
            {"fine_tune_type": "lora", "num_layers": 3, "iters": 1000, "model": "tiny",
             "lora_parameters": {"rank": 4, "scale": 2.0, "dropout": 0.0}}
            """;

    @TempDir
    Path folder;

    private Scope scope;
    private Path source;
    private Path target;

    @BeforeEach
    void open() throws IOException {
        scope = Scope.open();
        source = Files.createDirectory(folder.resolve("source"));
        target = folder.resolve("target");
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void transposedFactorsWithAScaleMeanWhatPeftRecords() throws IOException {
        write(CONFIG, recorded());
        Converted converted = MlxAdapter.toPeft(source, LLAMA.directory(), "test", target);
        assertThat(converted.deviation().orElseThrow().isZero()).isTrue();
        assertThat(LLAMA.distance(LLAMA.read(target), "lora")).isLessThan(3e-5);
    }

    @Test
    void scaleIsTakenAsItIs() throws IOException {
        write(CONFIG.replace("2.0", "20.0"), recorded());
        MlxAdapter.toPeft(source, LLAMA.directory(), "test", target);
        LowRank factor = LLAMA.read(target).factors().values().iterator().next();
        assertThat(factor.scale()).isEqualTo(20);
    }

    @ParameterizedTest
    @ValueSource(strings = {"dora", "full"})
    void otherKindsOfTrainingAreRefused(String kind) throws IOException {
        write(CONFIG.replace("\"lora\",", "\"" + kind + "\","), recorded());
        assertRefused("only \"lora\" is converted");
    }

    @Test
    void foreignTensorsMissingHalvesAndWrongShapesAreRefused() throws IOException {
        Map<String, NewTensor> tensors = recorded();
        NewTensor removed = tensors.remove("model.layers.1.mlp.up_proj.lora_b");
        write(CONFIG, tensors);
        assertRefused("model.layers.1.mlp.up_proj.lora_b is missing");
        tensors.put("again", removed.named("model.layers.1.mlp.up_proj.lora_b"));
        tensors.put("more", removed.named("model.embed_tokens.lora_a"));
        write(CONFIG, tensors);
        assertRefused("model.embed_tokens.lora_a is for a linear map that the base does not have");
        tensors.put("more", removed.named("model.layers.0.input_layernorm.weight"));
        write(CONFIG, tensors);
        assertRefused("is no factor");
        tensors.remove("more");
        write(CONFIG.replace("\"rank\": 4", "\"rank\": 8"), tensors);
        assertRefused("expected 48 x 8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "rslora-patterns", "qv"})
    void writtenFactorsMeanWhatPeftRecords(String name) {
        Converted converted = MlxAdapter.write(target, LLAMA.read(name), LLAMA.directory());
        assertThat(converted.deviation().orElseThrow().largest()).isLessThan(1e-5);
        JsonObject parameters = Json.readObject(target.resolve(Layout.CONFIG)).object("lora_parameters");
        Map<String, Tensor> stored = Golden.tensors(target.resolve(Layout.MLX_WEIGHTS));
        Map<Site, LowRank> factors = new LinkedHashMap<>();
        for (LinearSite place : LLAMA.directory().sites()) {
            Tensor a = stored.get(place.path() + ".lora_a");
            Tensor b = stored.get(place.path() + ".lora_b");
            if (a != null && b != null) {
                assertThat(a.shape()).containsExactly(place.in(), parameters.integer("rank", 1, 99));
                factors.put(
                        place.site(),
                        new LowRank(
                                b.transposed().contiguous(), a.transposed().contiguous(), parameters.number("scale")));
            }
        }
        assertThat(stored).hasSize(2 * factors.size());
        assertThat(LLAMA.distance(Adapter.of(factors), name)).isLessThan(3e-5);
    }

    @Test
    void familiesWithOtherNamesThereAreNotWritten() {
        Recorded gpt2 = new Recorded("gpt2-untied");
        assertThatThrownBy(() -> MlxAdapter.write(target, gpt2.read("lora"), gpt2.directory()))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("family gpt2");
        assertThat(target).doesNotExist();
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> MlxAdapter.toPeft(source, LLAMA.directory(), "test", target))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining(message);
        assertThat(target).doesNotExist();
    }

    /** The adapter {@code lora}, its matrices transposed element by element. */
    private static Map<String, NewTensor> recorded() {
        Map<String, NewTensor> tensors = new LinkedHashMap<>();
        Golden.tensors(LLAMA.adapter("lora").resolve(Layout.PEFT_WEIGHTS)).forEach((name, tensor) -> {
            String mlx = name.replace("base_model.model.", "")
                    .replace(".lora_A.weight", ".lora_a")
                    .replace(".lora_B.weight", ".lora_b");
            int rows = (int) tensor.size(0);
            int columns = (int) tensor.size(1);
            float[] values = tensor.toFloats();
            float[] transposed = new float[values.length];
            for (int i = 0; i < values.length; i++) {
                transposed[i % columns * rows + i / columns] = values[i];
            }
            tensors.put(mlx, NewTensor.of(mlx, transposed, columns, rows));
        });
        return tensors;
    }

    private void write(String config, Map<String, NewTensor> tensors) throws IOException {
        Files.writeString(source.resolve(Layout.CONFIG), config);
        SafetensorsWriter.write(source.resolve(Layout.MLX_WEIGHTS), new ArrayList<>(tensors.values()), Map.of());
    }
}
