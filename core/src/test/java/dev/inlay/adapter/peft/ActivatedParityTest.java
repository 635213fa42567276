package dev.inlay.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.Parts;
import dev.inlay.adapter.Slot;
import dev.inlay.adapter.gate.GateText;
import dev.inlay.adapter.gate.OnMissing;
import dev.inlay.adapter.gate.OppositeGate;
import dev.inlay.adapter.gate.Trigger;
import dev.inlay.adapter.gate.TriggerGate;
import dev.inlay.adapter.twin.Reader;
import dev.inlay.adapter.twin.Readers;
import dev.inlay.adapter.twin.TwinReaders;
import dev.inlay.engine.DType;
import dev.inlay.engine.Device;
import dev.inlay.engine.Scope;
import dev.inlay.engine.Tensor;
import dev.inlay.model.Decoder;
import dev.inlay.model.Gate;
import dev.inlay.model.Intervention;
import dev.inlay.model.KvCache;
import dev.inlay.model.ModelDirectory;
import dev.inlay.model.Pass;
import dev.inlay.model.Reading;
import dev.inlay.model.Rows;
import dev.inlay.model.files.AtomicDirectory;
import dev.inlay.model.files.Json;
import dev.inlay.model.generation.GenerationOptions;
import dev.inlay.model.generation.Generator;
import dev.inlay.model.generation.Sampling;
import dev.inlay.model.generation.Stops;
import dev.inlay.testing.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Activated LoRA of every family against what peft computes, and its files. */
class ActivatedParityTest {
    private static final double TOLERANCE = 2e-5;
    private static final List<Integer> INVOCATION = List.of(88, 91, 88);

    @TempDir
    Path folder;

    private int written;

    static List<String> models() {
        List<String> models = new ArrayList<>(List.of("llama-linear-rope", "gpt2-tied"));
        models.addAll(Golden.FAMILIES);
        return models;
    }

    private static Path recorded(String model) {
        return Golden.path(model).resolve("alora");
    }

    private static LoadedAdapter load(String model, Path adapter) {
        BaseModel base = BaseModel.of(ModelDirectory.open(Golden.path(model).resolve("model")));
        return PeftDirectory.read(adapter, base, Set.of());
    }

    private static Decoder decoder(String model) {
        return ModelDirectory.open(Golden.path(model).resolve("model")).load(DType.FLOAT32, Device.CPU);
    }

    private static Tensor logits(Decoder decoder, Pass pass) {
        return decoder.logits(decoder.hidden(pass), pass);
    }

    @ParameterizedTest
    @MethodSource("models")
    void logitsEqualTheRecordedOnesAloneBatchedAndInPieces(String model) {
        try (Scope scope = Scope.open();
                Decoder decoder = decoder(model)) {
            Map<String, Tensor> cases = Golden.tensors(recorded(model).resolve("cases.safetensors"));
            List<Intervention> adapter =
                    load(model, recorded(model).resolve("adapter")).parts().on(decoder);
            List<int[]> rows = new ArrayList<>();
            List<Tensor> expected = new ArrayList<>();
            for (int row = 0; row < 3; row++) {
                int[] ids = Golden.ids(cases.get("row" + row + ".input_ids"));
                Pass pass = Pass.over(Rows.of(ids), adapter);
                int start = (int) cases.get("row" + row + ".start").itemLong();
                assertThat(adapter.get(0).begins(Reading.of(ids))).isEqualTo(start);
                rows.add(ids);
                expected.add(cases.get("row" + row + ".logits"));
                assertThat(Golden.difference(expected.get(row), logits(decoder, pass)))
                        .isLessThan(TOLERANCE);
                for (int cut = 1; cut < ids.length; cut += 2) {
                    assertThat(Golden.difference(expected.get(row), inPieces(decoder, adapter, ids, cut)))
                            .isLessThan(TOLERANCE);
                }
            }
            if (!model.equals("phi3-longrope-partial")) {
                Tensor together = logits(decoder, Pass.over(Rows.of(rows), adapter));
                assertThat(Golden.difference(Tensor.concat(0, expected), together))
                        .isLessThan(TOLERANCE);
            }
        }
    }

    private static Tensor inPieces(Decoder decoder, List<Intervention> adapter, int[] ids, int cut) {
        try (KvCache cache = decoder.newCache(1)) {
            cache.expect(0, Reading.of(ids));
            List<Tensor> parts = new ArrayList<>();
            for (int[] piece : List.of(Arrays.copyOf(ids, cut), Arrays.copyOfRange(ids, cut, ids.length))) {
                parts.add(logits(decoder, Pass.continuing(cache, Rows.of(piece), adapter)));
            }
            return Tensor.concat(0, parts);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "llama-linear-rope",
                "gpt2-tied",
                "mistral-window",
                "gemma",
                "gemma2",
                "gemma3",
                "gpt-neox",
                "granite",
                "olmo2",
                "qwen2-yarn-upper-window",
                "qwen3-layer-types",
                "smollm3"
            })
    void greedyTokensEqualTheRecordedOnes(String model) {
        JsonNode greedy = Json.read(recorded(model).resolve("greedy.json"));
        int[] prompt = ints(greedy.get("prompt"));
        int[] tokens = ints(greedy.get("tokens"));
        try (Scope scope = Scope.open();
                Decoder decoder = decoder(model)) {
            List<Intervention> adapter =
                    load(model, recorded(model).resolve("adapter")).parts().on(decoder);
            for (int atOnce : new int[] {2, 4096}) {
                GenerationOptions options = GenerationOptions.of(Sampling.greedy(), Stops.none(), tokens.length)
                        .withPrefillTokens(atOnce);
                List<Integer> grown = Generator.ofTokens(decoder, adapter)
                        .generate(List.of(prompt), options, (row, piece) -> {})
                        .rows()
                        .get(0)
                        .tokens();
                assertThat(grown).isEqualTo(Arrays.stream(tokens).boxed().toList());
            }
        }
    }

    private static int[] ints(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }

    @Test
    void fact27_whatIsReadAndWrittenIsTheSame() throws IOException {
        String model = "llama-linear-rope";
        Path source = recorded(model).resolve("adapter");
        try (Scope scope = Scope.open()) {
            LoadedAdapter read = load(model, source);
            assertThat(read.config().beside().gate()).isEqualTo(TriggerGate.of(Trigger.of(INVOCATION)));
            assertThat(read.config().variant()).isEqualTo("alora");
            Path written = write(model, read, read.config().beside().gate());
            LoadedAdapter again = load(model, written);
            Map<Slot, Tensor> tensors = again.parts().tensors();
            read.parts()
                    .tensors()
                    .forEach((slot, tensor) ->
                            assertThat(tensors.get(slot).toFloats()).isEqualTo(tensor.toFloats()));
            JsonNode before = Json.read(source.resolve("adapter_config.json"));
            JsonNode after = Json.read(written.resolve("adapter_config.json"));
            for (String key : List.of("alora_invocation_tokens", "peft_type", "r", "lora_alpha", "task_type")) {
                assertThat(after.get(key)).as(key).isEqualTo(before.get(key));
            }
            assertThat(again.parts().list())
                    .allSatisfy(part -> assertThat(part.gate())
                            .isEqualTo(read.config().beside().gate()));
        }
    }

    private Path write(String model, LoadedAdapter adapter, Gate gate) {
        BaseModel base = BaseModel.of(ModelDirectory.open(Golden.path(model).resolve("model")));
        PeftConfig config = adapter.config().with(adapter.config().beside().with(gate));
        Provenance provenance =
                new Provenance("test", config.variant(), "", "F32", base.fingerprint(), base.text(), "");
        Path target = folder.resolve("adapter" + written++);
        new PeftWriter(base, config, provenance)
                .write(target, adapter.adapter().with(gate), AtomicDirectory.Existing.REFUSE);
        return target;
    }

    @Test
    void whatHasNoFormInFilesIsNotLeftOut() {
        String model = "llama-linear-rope";
        BaseModel base = BaseModel.of(ModelDirectory.open(Golden.path(model).resolve("model")));
        try (Scope scope = Scope.open()) {
            LoadedAdapter adapter = load(model, recorded(model).resolve("adapter"));
            Gate gate = adapter.parts().list().get(0).gate();
            Provenance provenance =
                    new Provenance("test", adapter.config().variant(), "", "F32", base.fingerprint(), base.text(), "");
            PeftWriter writer = new PeftWriter(base, adapter.config(), provenance);
            Parts read = Parts.of(adapter.adapter(), TwinReaders.of(Readers.all(Reader.BASE_KEYS), gate));
            assertThatThrownBy(() -> writer.write(folder.resolve("none"), read, AtomicDirectory.Existing.REFUSE))
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("readers of two sides have no form");
            assertThat(folder.resolve("none")).doesNotExist();
        }
    }

    @Test
    void whatPeftCannotSayStandsBesideItAndUnderAnotherType() throws IOException {
        String model = "llama-linear-rope";
        Gate lenient = TriggerGate.of(new Trigger(INVOCATION, "go")).with(OnMissing.BASE);
        Gate other = new OppositeGate(lenient);
        try (Scope scope = Scope.open()) {
            LoadedAdapter read = load(model, recorded(model).resolve("adapter"));
            Path first = write(model, read, lenient);
            assertThat(load(model, first).config().beside().gate()).isEqualTo(lenient);
            assertThat(Json.read(first.resolve("adapter_config.json"))
                            .get("peft_type")
                            .asText())
                    .isEqualTo("LORA");
            Path second = write(model, read, other);
            assertThat(load(model, second).config().beside().gate()).isEqualTo(other);
            assertThat(load(model, second).provenance().orElseThrow().variant()).isEqualTo("gated");
            assertThat(Json.read(second.resolve("adapter_config.json"))
                            .get("peft_type")
                            .asText())
                    .isEqualTo("INLAY_GATED");
            Files.delete(second.resolve(GateText.FILE));
            assertThat(load(model, second).config().beside().gate()).isEqualTo(other);
        }
    }

    @Test
    void aGateThatWasChangedInOneOfItsPlacesIsRefused() throws IOException {
        String model = "llama-linear-rope";
        try (Scope scope = Scope.open()) {
            LoadedAdapter read = load(model, recorded(model).resolve("adapter"));
            Path written = write(model, read, read.config().beside().gate());
            Path sidecar = written.resolve(GateText.FILE);
            String text = Files.readString(sidecar);
            Files.writeString(sidecar, text.replace("91", "90"));
            assertRefused(model, written, "one of them was changed");
            Files.writeString(sidecar, text);
            Path config = written.resolve("adapter_config.json");
            String keys = Files.readString(config);
            Files.delete(sidecar);
            Files.writeString(config, keys.replace("91", "96"));
            assertRefused(model, written, "token 96, the vocabulary of this base ends at 96");
            Files.writeString(config, keys.replace("\"alora_invocation_tokens\"", "\"alora_invocation_ids\""));
            assertRefused(model, written, "unknown key alora_invocation_ids");
            Files.writeString(config, keys.replaceAll("(?s)\"alora_invocation_tokens\": \\[.*?\\],", ""));
            assertRefused(model, written, "adapter_config.json says \"lora\"");
        }
    }

    private static void assertRefused(String model, Path directory, String message) {
        assertThatThrownBy(() -> load(model, directory))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aRowWithoutTheInvocationIsRefusedUnlessItIsForTheBase() {
        String model = "llama-linear-rope";
        int[] row = {5, 6, 7};
        try (Scope scope = Scope.open();
                Decoder decoder = decoder(model)) {
            LoadedAdapter read = load(model, recorded(model).resolve("adapter"));
            List<Intervention> strict = read.parts().on(decoder);
            assertThatThrownBy(() -> decoder.hidden(Pass.over(Rows.of(row), strict)))
                    .isInstanceOf(InlayException.class)
                    .hasMessageContaining("[88, 91, 88] does not occur in the 3 tokens");
            Intervention lenient =
                    read.adapter().with(TriggerGate.of(Trigger.of(INVOCATION)).with(OnMissing.BASE));
            assertThat(logits(decoder, Pass.over(Rows.of(row), List.of(lenient)))
                            .toFloats())
                    .isEqualTo(logits(decoder, Pass.over(Rows.of(row))).toFloats());
            assertThat(lenient.begins(Reading.of(row))).isEqualTo(Integer.MAX_VALUE);
        }
    }
}
