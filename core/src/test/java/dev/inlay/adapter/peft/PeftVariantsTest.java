package dev.inlay.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.adapter.Adapter;
import dev.inlay.adapter.BaseCopies;
import dev.inlay.adapter.Biases;
import dev.inlay.adapter.Dora;
import dev.inlay.adapter.Part;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.TokenVectors;
import dev.inlay.adapter.UpBiases;
import dev.inlay.adapter.WholeMaps;
import dev.inlay.adapter.merge.Merge;
import dev.inlay.adapter.merge.MergeOptions;
import dev.inlay.adapter.merge.MergeReport;
import dev.inlay.adapter.merge.TiedHead;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Intervention;
import dev.inlay.model.KvCache;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.Rows;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.Json;
import dev.inlay.model.files.NewTensor;
import dev.inlay.model.files.SafetensorsFile;
import dev.inlay.model.files.SafetensorsWriter;
import dev.inlay.testing.Golden;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What PEFT stores beside plain factors, held to what peft computes with it. */
class PeftVariantsTest {
    /** Every key that peft writes and that we honour, and so must find again in what we write. */
    private static final List<String> HONOURED = List.of(
            "alpha_pattern",
            "bias",
            "ensure_weight_tying",
            "exclude_modules",
            "fan_in_fan_out",
            "init_lora_weights",
            "layers_to_transform",
            "lora_alpha",
            "lora_bias",
            "lora_dropout",
            "modules_to_save",
            "r",
            "rank_pattern",
            "target_modules",
            "target_parameters",
            "task_type",
            "trainable_token_indices",
            "use_dora",
            "use_rslora");

    /** Biases of layer norms lie in it beside those of the maps. */
    private static final Path NORM_BIASES =
            Golden.path("gpt2-tied").resolve("variants").resolve("bias-all");

    @TempDir
    Path folder;

    private Scope scope;

    @BeforeEach
    void open() {
        scope = Scope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    static Stream<Path> recorded() throws IOException {
        List<Path> variants = new ArrayList<>();
        for (String model : List.of("llama-gqa-untied", "llama-tied-llama3-rope", "gpt2-tied")) {
            try (Stream<Path> found = Files.list(Golden.path(model).resolve("variants"))) {
                found.sorted().forEach(variants::add);
            }
        }
        assertThat(variants).hasSize(27);
        return variants.stream().filter(variant -> !variant.equals(NORM_BIASES));
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void logitsAreThoseOfPeft(Path variant) {
        ModelDirectory model = model(variant);
        Map<String, Tensor> cases = Golden.tensors(variant.resolve("logits.safetensors"));
        int[] ids = Golden.ids(cases.get("input_ids"));
        try (Decoder decoder = model.load(Device.CPU)) {
            List<Intervention> adapted = read(variant, model).parts().on(decoder);
            Tensor logits = logits(decoder, adapted, ids);
            assertThat(Golden.difference(cases.get("logits"), logits)).isLessThan(2e-5);
            assertThat(Golden.difference(cases.get("logits"), logits(decoder, List.of(), ids)))
                    .isGreaterThan(1e-2);
            assertThat(Golden.difference(logits, inTwoPasses(decoder, adapted, ids)))
                    .isLessThan(2e-5);
        }
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void mergedEqualsUnmerged(Path variant) {
        ModelDirectory model = model(variant);
        Path merged = folder.resolve("merged");
        Map<String, Tensor> cases = Golden.tensors(variant.resolve("logits.safetensors"));
        MergeOptions options = MergeOptions.DEFAULT.with(TiedHead.UNTIE);
        MergeReport report = Merge.write(model, read(variant, model).parts(), options, merged);
        assertThat(report.drift().total().largest()).isLessThan(1e-5);
        assertThat(report.untied()).isEqualTo(separatesHead(variant));
        try (Decoder decoder = Decoder.load(merged, Device.CPU)) {
            Tensor logits = logits(decoder, List.of(), Golden.ids(cases.get("input_ids")));
            assertThat(Golden.difference(cases.get("logits"), logits)).isLessThan(3e-5);
        }
    }

    /** Only these change one of embedding and head, and not the other likewise. */
    private static boolean separatesHead(Path variant) {
        String name = variant.getFileName().toString();
        boolean tied = !variant.toString().contains("untied");
        return tied
                && Set.of("tokens-of-each", "saved-embedding", "saved-head", "embedding")
                        .contains(name);
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void whatIsWrittenHasTheSameTensorsAndHonouredKeys(Path variant) {
        ModelDirectory model = model(variant);
        BaseModel base = BaseModel.of(model);
        LoadedAdapter loaded = read(variant, model);
        Path again = folder.resolve("again");
        Provenance made =
                new Provenance("test", loaded.config().variant(), "", "F32", base.fingerprint(), base.text(), "");
        new PeftWriter(base, loaded.config(), made).write(again, loaded.parts(), AtomicDirectory.Existing.REFUSE);
        assertThat(bytes(again)).isEqualTo(bytes(variant));
        Map<String, JsonNode> before = honoured(variant);
        assertThat(honoured(again)).isEqualTo(before);
        assertThat(before).containsKey("r");
    }

    @ParameterizedTest
    @CsvSource({
        "llama-gqa-untied/variants/dora, dora",
        "llama-gqa-untied/variants/dora-rslora, dora",
        "llama-gqa-untied/variants/embedding, lora"
    })
    void metadataNamesTheVariantAndAContradictionIsRefused(String name, String word) {
        Path variant = Golden.path(name);
        PeftConfig config = PeftDirectory.config(variant, Set.of());
        assertThat(config.variant()).isEqualTo(word);
        Map<String, String> metadata = new TreeMap<>(Map.of("inlay.format", "1", "inlay.variant", "rslora"));
        assertThatThrownBy(() -> Provenance.of(metadata, config.variant(), "file"))
                .hasMessageContaining("inlay.variant is \"rslora\", and adapter_config.json says \"" + word + "\"");
    }

    @Test
    void biasesOfNormsAreRefusedByName() {
        ModelDirectory model = model(NORM_BIASES);
        assertThatThrownBy(() -> read(NORM_BIASES, model))
                .hasMessageContaining("transformer.h.0.ln_1.bias")
                .hasMessageContaining("it is a norm, which is not run");
    }

    @Test
    void doraMergesIntoHalfPrecisionWithADriftThatIsMeasured() {
        ModelDirectory model = ModelDirectory.open(Golden.path("llama-gqa-untied-bfloat16/model"));
        LoadedAdapter loaded = read(Golden.path("llama-gqa-untied/variants/dora"), model);
        MergeReport report = Merge.write(model, loaded.parts(), MergeOptions.DEFAULT, folder.resolve("merged"));
        assertThat(report.changed()).isEqualTo(9);
        assertThat(report.drift().total().largest()).isBetween(1e-4, 0.2);
        assertThat(report.drift().total().divergence()).isLessThan(1e-3);
        assertThat(report.drift().roundingShare()).isGreaterThan(0.9);
    }

    @Test
    void theSamePartsAreNotMergedTwice() {
        Path variant = Golden.path("llama-gqa-untied/variants/tokens");
        ModelDirectory model = model(variant);
        Merge.write(model, read(variant, model).parts(), MergeOptions.DEFAULT, folder.resolve("once"));
        ModelDirectory once = ModelDirectory.open(folder.resolve("once"));
        assertThatThrownBy(() ->
                        Merge.write(once, read(variant, once).parts(), MergeOptions.DEFAULT, folder.resolve("twice")))
                .hasMessageContaining("merged into this model already");
    }

    @Test
    void whatScalesAMapIsNotPutOnTopOfAnotherChange() {
        Path variant = Golden.path("llama-gqa-untied/variants/dora");
        Part dora = read(variant, model(variant)).parts().list().get(0);
        Part plain = Adapter.of(dora.factors());
        assertThatThrownBy(() -> Parts.of(plain, dora))
                .hasMessageContaining("layer 0 QUERY is changed by two parts of the adapter")
                .hasMessageContaining("DoRA cannot act on what another changed");
        assertThat(Parts.of(dora, plain).sites()).isEqualTo(dora.sites());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tokens | \"q_proj\" | \"embed_tokens\" | among the targets and has trainable_token_indices",
                "tokens | 57 | 96 | names token 96, the vocabulary of this base ends at 96",
                "tokens | 57, | 57, 1, | trainable_tokens_delta has shape [3, 48], and this base asks for [4, 48]",
                "tokens-of-each | \"lm_head\" | \"q_proj\" | vectors of tokens lie in model.embed_tokens and lm_head",
                "saved-head | \"lm_head\" | \"head\" | \"head\" is the end of a name, lm_head; write the whole name",
                "parameters | mlp.down_proj.weight | experts.gate_up | \"experts.gate_up\" is the weight of no module",
                "parameters | \"mlp.down_proj.weight\" | \"embed_tokens.weight\" | only weights of linear maps",
                "embedding | \"lora_bias\": false | \"lora_bias\": true | is an embedding; PEFT has no such adapter",
                "dora | \"use_dora\": true | \"use_dora\": false | belongs to DoRA, and adapter_config.json does not say",
                "bias-all | \"all\" | \"none\" | is trained whole, and either adapter_config.json does not say so"
            })
    void aConfigurationThatSaysAnotherThingIsRefused(String name, String before, String after, String message)
            throws IOException {
        Path variant = Golden.path("llama-gqa-untied/variants").resolve(name);
        Path changed = Files.createDirectory(folder.resolve("changed"));
        String config = Files.readString(variant.resolve("adapter_config.json"));
        assertThat(config).contains(before);
        Files.writeString(changed.resolve("adapter_config.json"), config.replace(before, after));
        Files.copy(variant.resolve("adapter_model.safetensors"), changed.resolve("adapter_model.safetensors"));
        assertThatThrownBy(() -> read(changed, model(variant))).hasMessageContaining(message);
    }

    @Test
    void eachIdeaIsAPartOfItsOwn() {
        assertThat(kinds("llama-gqa-untied/variants/dora-biases")).containsExactly(Dora.class, Biases.class);
        assertThat(kinds("llama-gqa-untied/variants/embedding")).containsExactly(BaseCopies.class, Adapter.class);
        assertThat(kinds("llama-gqa-untied/variants/lora-bias")).containsExactly(Adapter.class, UpBiases.class);
        assertThat(kinds("llama-gqa-untied/variants/saved-head")).containsExactly(WholeMaps.class, Adapter.class);
        assertThat(kinds("llama-gqa-untied/variants/tokens")).containsExactly(TokenVectors.class, Adapter.class);
    }

    private List<Class<? extends Part>> kinds(String name) {
        Path variant = Golden.path(name);
        List<Class<? extends Part>> kinds = new ArrayList<>();
        read(variant, model(variant)).parts().list().forEach(part -> kinds.add(part.getClass()));
        return kinds;
    }

    @Test
    void whoCanTakeLowRankChangesOnlyRefusesTheRestByName() {
        Path variant = Golden.path("llama-gqa-untied/variants/dora-biases");
        LoadedAdapter loaded = read(variant, model(variant));
        assertThatThrownBy(loaded::adapter)
                .hasMessageContaining("the adapter has DoRA, biases of the base beside plain");
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void anyTensorThatIsMissingOrTooManyIsNamed(Path variant) throws IOException {
        ModelDirectory model = model(variant);
        Map<String, Tensor> tensors = Golden.tensors(variant.resolve("adapter_model.safetensors"));
        Path changed = folder.resolve("changed");
        Files.createDirectory(changed);
        Files.copy(variant.resolve("adapter_config.json"), changed.resolve("adapter_config.json"));
        for (String name : tensors.keySet()) {
            if (name.endsWith(".base_layer.weight")) {
                continue;
            }
            Map<String, Tensor> less = new TreeMap<>(tensors);
            less.remove(name);
            write(changed, less);
            assertThatThrownBy(() -> read(changed, model)).hasMessageContaining("missing");
        }
        Map<String, Tensor> more = new TreeMap<>(tensors);
        String extra = "base_model.model.model.norm.weight";
        more.put(extra, Tensor.full(1, DType.FLOAT32, Device.CPU, 48));
        write(changed, more);
        assertThatThrownBy(() -> read(changed, model)).hasMessageContaining(extra);
    }

    @Test
    void A7_embeddingOfAnotherBaseIsRefusedBeforeItRuns() throws IOException {
        Path variant = Golden.path("llama-gqa-untied/variants/embedding");
        ModelDirectory model = model(variant);
        Map<String, Tensor> tensors = Golden.tensors(variant.resolve("adapter_model.safetensors"));
        tensors.get("base_model.model.model.embed_tokens.base_layer.weight")
                .narrow(0, 7, 1)
                .add(0.5);
        Path changed = folder.resolve("changed");
        Files.createDirectory(changed);
        Files.copy(variant.resolve("adapter_config.json"), changed.resolve("adapter_config.json"));
        write(changed, tensors);
        LoadedAdapter loaded = read(changed, model);
        try (Decoder decoder = model.load(Device.CPU)) {
            assertThatThrownBy(() -> loaded.parts().on(decoder))
                    .hasMessageContaining("trained on another base: the weight of its embedding");
        }
    }

    private static void write(Path directory, Map<String, Tensor> tensors) throws IOException {
        Files.deleteIfExists(directory.resolve("adapter_model.safetensors"));
        SafetensorsWriter.write(
                directory.resolve("adapter_model.safetensors"),
                tensors.entrySet().stream()
                        .map(entry -> NewTensor.of(entry.getKey(), entry.getValue()))
                        .toList(),
                Map.of());
    }

    private static Tensor logits(Decoder decoder, List<Intervention> interventions, int[] ids) {
        Pass pass = Pass.over(Rows.of(ids), interventions);
        return decoder.logits(decoder.hidden(pass), pass);
    }

    private static Tensor inTwoPasses(Decoder decoder, List<Intervention> interventions, int[] ids) {
        try (Scope inner = Scope.open();
                KvCache cache = decoder.newCache(1)) {
            List<Tensor> logits = new ArrayList<>();
            int half = ids.length / 2;
            for (int[] piece : List.of(Arrays.copyOf(ids, half), Arrays.copyOfRange(ids, half, ids.length))) {
                Pass pass = Pass.continuing(cache, Rows.of(piece), interventions);
                logits.add(decoder.logits(decoder.hidden(pass), pass));
            }
            return inner.keep(Tensor.concat(0, logits));
        }
    }

    private static LoadedAdapter read(Path variant, ModelDirectory model) {
        return PeftDirectory.read(variant, BaseModel.of(model), Set.of());
    }

    private static ModelDirectory model(Path variant) {
        return ModelDirectory.open(variant.resolve("../../model"));
    }

    private static Map<String, List<Byte>> bytes(Path directory) {
        Map<String, List<Byte>> bytes = new TreeMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(directory.resolve("adapter_model.safetensors"))) {
            file.tensors().forEach((name, stored) -> {
                List<Byte> values = new ArrayList<>();
                ByteBuffer buffer = ByteBuffer.allocate(Math.toIntExact(stored.bytes()));
                file.read(stored, 0, buffer);
                for (byte each : buffer.array()) {
                    values.add(each);
                }
                bytes.put(name + Arrays.toString(stored.shape()) + stored.type(), values);
            });
        }
        return bytes;
    }

    private static Map<String, JsonNode> honoured(Path directory) {
        JsonNode config = Json.read(directory.resolve("adapter_config.json"));
        Map<String, JsonNode> keys = new TreeMap<>();
        HONOURED.forEach(key -> {
            JsonNode value = config.get(key);
            if (value != null && !ConfigFields.isNeutral(value)) {
                keys.put(key, value);
            }
        });
        return keys;
    }
}
