package dev.inlay.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.SafetensorsWriter;
import dev.inlay.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PeftProblemsTest {
    private static final Path RECORDED = Golden.path("llama-gqa-untied");
    private static final BaseModel BASE = BaseModel.of(ModelDirectory.open(RECORDED.resolve("model")));
    private static final String LAYER = "base_model.model.model.layers.0.";

    @TempDir
    Path folder;

    @BeforeEach
    void copy() throws IOException {
        for (String name : List.of(AdapterFiles.CONFIG, AdapterFiles.WEIGHTS)) {
            Files.copy(RECORDED.resolve("adapters/lora").resolve(name), folder.resolve(name));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lora", "rslora-patterns", "qv"})
    void soundAdapterHasNoneAndAllItsModules(String name) {
        PeftProblems.Found found = PeftProblems.of(RECORDED.resolve("adapters").resolve(name), BASE, Set.of());
        assertThat(found.problems()).isEmpty();
        assertThat(found.matched()).isPositive().isEqualTo(found.expected());
    }

    @Test
    void everyUnsupportedAndUnknownKeyIsNamed() throws IOException {
        edit("\"layer_replication\": null", "\"layer_replication\": [[0, 2]], \"strange\": 3");
        edit("\"use_qalora\": false", "\"use_qalora\": true");
        edit("\"r\": 4", "\"r\": -4");
        List<String> problems = PeftProblems.of(folder, BASE, Set.of()).problems();
        assertThat(problems)
                .anySatisfy(problem -> assertThat(problem).contains("layer_replication"))
                .anySatisfy(problem -> assertThat(problem).contains("unknown key strange"))
                .anySatisfy(problem -> assertThat(problem).contains("use_qalora"))
                .anySatisfy(problem -> assertThat(problem).contains("r must be at least 1, was -4"))
                .hasSize(4);
    }

    @Test
    void everyBrokenModuleIsNamed() throws IOException {
        change(tensors -> {
            tensors.remove(LAYER + "self_attn.q_proj.lora_A.weight");
            tensors.remove(LAYER + "mlp.up_proj.lora_A.weight");
            tensors.remove(LAYER + "mlp.up_proj.lora_B.weight");
            tensors.put(LAYER + "self_attn.v_proj.lora_B.weight", tensor(7, 4));
            tensors.put(LAYER + "self_attn.o_proj.lora_B.weight", nan(48, 4));
            tensors.put(LAYER + "self_attn.query.lora_A.weight", tensor(4, 48));
            tensors.put("stranger", tensor(1));
        });
        PeftProblems.Found found = PeftProblems.of(folder, BASE, Set.of());
        assertThat(found.problems())
                .anySatisfy(problem -> assertThat(problem).contains("self_attn.q_proj.lora_A.weight is missing"))
                .anySatisfy(problem -> assertThat(problem).contains("no factors", "mlp.up_proj"))
                .anySatisfy(problem -> assertThat(problem).contains("self_attn.v_proj", "for another base"))
                .anySatisfy(problem -> assertThat(problem).contains("self_attn.o_proj", "NaN"))
                .anySatisfy(problem -> assertThat(problem).contains("self_attn.query", "nearest"))
                .anySatisfy(problem -> assertThat(problem).contains("stranger"))
                .hasSize(6);
        assertThat(found.matched()).isEqualTo(found.expected() - 4);
    }

    @Test
    void foreignTensorsAreExplainedEvenWithoutAConfiguration() throws IOException {
        Files.delete(folder.resolve(AdapterFiles.CONFIG));
        change(tensors -> tensors.put("a.lora_a", tensor(1)));
        assertThat(PeftProblems.of(folder, BASE, Set.of()).problems())
                .anySatisfy(problem -> assertThat(problem).contains("has no adapter_config.json"))
                .anySatisfy(problem -> assertThat(problem).contains("a.lora_a", "inlay convert"));
    }

    @Test
    void pathsOfOtherReleasesNameTheAliasThatFits() throws IOException {
        change(tensors -> {
            NewTensor factor = tensors.remove(LAYER + "mlp.up_proj.lora_A.weight");
            String other = LAYER.replace("model.model.", "model.model.language_model.");
            tensors.put(other + "mlp.up_proj.lora_A.weight", factor);
        });
        assertThat(PeftProblems.of(folder, BASE, Set.of()).problems())
                .anySatisfy(problem -> assertThat(problem)
                        .contains("it would fit as model.layers.0.mlp.up_proj", "transformers 4.52"));
    }

    @Test
    void otherBaseIsOneProblemThatCanBeAllowed() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(RECORDED.resolve("adapters/lora/adapter_model.safetensors"))) {
            List<NewTensor> tensors = new ArrayList<>();
            file.tensors().values().forEach(tensor -> tensors.add(NewTensor.copyOf(file, tensor)));
            Provenance made = new Provenance(
                    "test", "lora", "", "", "sha256:" + "0".repeat(64), new TextHashes("1".repeat(64), ""), "");
            SafetensorsWriter.write(folder.resolve(AdapterFiles.WEIGHTS), tensors, made.toMetadata());
        }
        assertThat(PeftProblems.of(folder, BASE, Set.of()).problems())
                .hasSize(2)
                .anySatisfy(problem -> assertThat(problem).contains("allow other-base"))
                .anySatisfy(problem -> assertThat(problem).contains("allow other-tokenizer"));
        Set<Allowance> allowed = Set.of(Allowance.OTHER_BASE, Allowance.OTHER_TOKENIZER);
        assertThat(PeftProblems.of(folder, BASE, allowed).problems()).isEmpty();
    }

    private static NewTensor tensor(long... shape) {
        return NewTensor.computed("new", DType.FLOAT32, shape, () -> Tensor.full(1, DType.FLOAT32, Device.CPU, shape));
    }

    private static NewTensor nan(long... shape) {
        return NewTensor.computed(
                "new", DType.FLOAT32, shape, () -> Tensor.full(Double.NaN, DType.FLOAT32, Device.CPU, shape));
    }

    private void change(Consumer<Map<String, NewTensor>> change) throws IOException {
        Path weights = folder.resolve(AdapterFiles.WEIGHTS);
        try (Scope scope = Scope.open();
                SafetensorsFile file = SafetensorsFile.open(weights)) {
            Map<String, NewTensor> tensors = new LinkedHashMap<>();
            file.tensors().forEach((name, tensor) -> tensors.put(name, NewTensor.copyOf(file, tensor)));
            change.accept(tensors);
            List<NewTensor> named = new ArrayList<>();
            tensors.forEach((name, tensor) -> named.add(tensor.named(name)));
            SafetensorsWriter.write(weights, named, file.metadata());
        }
    }

    private void edit(String old, String replacement) throws IOException {
        Path config = folder.resolve(AdapterFiles.CONFIG);
        String text = Files.readString(config);
        assertThat(text).contains(old);
        Files.writeString(config, text.replace(old, replacement));
    }
}
