package dev.inlay.adapter.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.adapter.exchange.Objection.Kind;
import dev.inlay.adapter.peft.BaseModel;
import dev.inlay.adapter.peft.TextHashes;
import dev.inlay.model.files.Json;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsumerTest {
    private static final BaseModel TIED = new BaseModel("llama", List.of(), true, "sha256:", TextHashes.NONE);

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vllm | REFUSES | modules_to_save | {'modules_to_save': ['lm_head']}",
                "vllm | REFUSES | DoRA | {'use_dora': true}",
                "vllm | REFUSES | trained biases | {'bias': 'all'}",
                "vllm | REFUSES | lora_bias | {'lora_bias': true}",
                "vllm | REFUSES | embedding | {'trainable_token_indices': [1, 2]}",
                "vllm | IGNORES | rank_pattern | {'rank_pattern': {'q_proj': 4}}",
                "vllm | IGNORES | alpha_pattern | {'alpha_pattern': {'q_proj': 4}}",
                "vllm | IGNORES | the gate | {'alora_invocation_tokens': [5]}",
                "vllm | NEEDS | rank 24 | {'r': 24}",
                "vllm | NEEDS | rank 64 | {'rank_pattern': {'q_proj': 64}}",
                "vllm | REFUSES | rank 600 | {'r': 600}",
                "vllm | REFUSES | no lora_alpha | {'lora_alpha': null}",
                "llama.cpp | REFUSES | modules_to_save | {'modules_to_save': ['lm_head']}",
                "llama.cpp | REFUSES | DoRA | {'use_dora': true}",
                "llama.cpp | REFUSES | trained biases | {'bias': 'lora_only'}",
                "llama.cpp | NEEDS | use_rslora | {'use_rslora': true}",
                "llama.cpp | NEEDS | alpha_pattern | {'alpha_pattern': {'q_proj': 4}}",
                "llama.cpp | NEEDS | alora_invocation_tokens | {'alora_invocation_tokens': [5]}",
                "peft | NEEDS | use_dora | {'use_dora': true}",
                "peft | NEEDS | alora_invocation_tokens | {'alora_invocation_tokens': [5]}",
                "peft | REFUSES | peft_type | {'peft_type': 'LORA_GATED'}"
            })
    void keyIsObjectedTo(String consumer, Kind kind, String what, String keys) {
        assertThat(objections(consumer, keys.replace('\'', '"'), "model.layers.0.self_attn.q_proj"))
                .anySatisfy(objection -> {
                    assertThat(objection.kind()).isEqualTo(kind);
                    assertThat(objection.what()).contains(what);
                    assertThat(objection.remedy()).isNotBlank();
                });
    }

    @ParameterizedTest
    @CsvSource({"peft", "vllm", "llama.cpp"})
    void plainAdapterIsTakenByAll(String consumer) {
        assertThat(objections(consumer, "{}", "model.layers.0.self_attn.q_proj"))
                .noneMatch(objection -> objection.kind().prevents());
    }

    @ParameterizedTest
    @CsvSource({"peft", "vllm", "llama.cpp"})
    void valuesOfWrongTypesAreForTheStrictReaderToName(String consumer) {
        String keys = "{\"r\": \"x\", \"rank_pattern\": 3, \"peft_type\": [], \"use_rslora\": \"y\", \"bias\": 7}";
        assertThat(objections(consumer, keys, "q_proj")).isNotNull();
    }

    @Test
    void patternsThatKeepTheScaleDoNoHarm() {
        String keys = "{\"rank_pattern\": {\"q_proj\": 4}, \"alpha_pattern\": {\"q_proj\": 8}}";
        assertThat(objections("vllm", keys, "q_proj"))
                .noneMatch(objection -> objection.kind().prevents());
        assertThat(objections("vllm", keys.replace("8", "9"), "q_proj"))
                .anyMatch(objection -> objection.kind() == Kind.IGNORES);
    }

    @ParameterizedTest
    @CsvSource({"vllm", "llama.cpp"})
    void adaptedHeadIsRefused(String consumer) {
        assertThat(objections(consumer, "{}", "lm_head")).anyMatch(objection -> objection.kind() == Kind.REFUSES);
    }

    @Test
    void familyThatLlamaCppHasOtherRulesForIsRefused() {
        BaseModel other = new BaseModel("phi3", List.of(), false, "sha256:", TextHashes.NONE);
        assertThat(Consumer.LLAMA_CPP.objections(stored("{}", "a"), other))
                .anySatisfy(objection -> assertThat(objection.what()).contains("phi3"));
    }

    @Test
    void unknownNamesListTheKnownOnes() {
        assertThatThrownBy(() -> Consumer.named("ollama"))
                .isInstanceOf(InlayException.class)
                .hasMessageContaining("peft, vllm, llama.cpp");
    }

    @Test
    void unreadableFilesAreNoObjection() {
        assertThat(Consumer.VLLM.objections(folder, TIED)).isEmpty();
    }

    private static List<Objection> objections(String consumer, String keys, String module) {
        return Consumer.named(consumer).objections(stored(keys, module), TIED);
    }

    private static StoredAdapter stored(String keys, String module) {
        String common = "{\"peft_type\": \"LORA\", \"r\": 8, \"lora_alpha\": 16, \"target_modules\": [\"q_proj\"]}";
        ObjectNode config = (ObjectNode) Json.parse(common, "common");
        config.setAll((ObjectNode) Json.parse(keys, "keys"));
        String prefix = "base_model.model." + module;
        return new StoredAdapter(
                Json.parseObject(config.toString(), "config"),
                Set.of(prefix + ".lora_A.weight", prefix + ".lora_B.weight"),
                Map.of());
    }
}
