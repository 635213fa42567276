package dev.inlay.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inlay.InlayException;
import dev.inlay.adapter.peft.StoredFactors.Pair;
import dev.inlay.adapter.peft.StoredFactors.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StoredFactorsTest {
    private static final String Q = "base_model.model.model.layers.0.self_attn.q_proj";
    private static final String K = "base_model.model.model.layers.0.self_attn.k_proj";
    private static final ModuleTree TREE = ModuleMatcherTest.tree("llama");
    private static final List<Target> TARGETS = List.of(
            new Target(TREE.module("model.layers.0.self_attn.q_proj").orElseThrow(), 4, 8, 2),
            new Target(TREE.module("model.layers.0.self_attn.k_proj").orElseThrow(), 2, 8, 4));

    @Test
    void factorsThatFitArePaired() {
        assertThat(pair(good()))
                .containsExactly(
                        new Pair(TARGETS.get(0), Q + ".lora_A.weight", Q + ".lora_B.weight"),
                        new Pair(TARGETS.get(1), K + ".lora_A.weight", K + ".lora_B.weight"));
    }

    @Test
    void A6_downWithoutUp() {
        Map<String, Shape> tensors = good();
        tensors.remove(Q + ".lora_B.weight");
        assertRefused(tensors, Q + ".lora_A.weight is there and " + Q + ".lora_B.weight is missing");
    }

    @Test
    void A6_upWithoutDown() {
        Map<String, Shape> tensors = good();
        tensors.remove(K + ".lora_A.weight");
        assertRefused(tensors, K + ".lora_B.weight is there and " + K + ".lora_A.weight is missing");
    }

    @Test
    void A6_rankDiffersFromTheConfiguration() {
        assertRefused(
                with(Q, Shape.of(3, 16), Shape.of(16, 3)),
                "q_proj: the factors have rank 3, and adapter_config.json says 4");
    }

    @Test
    void A6_factorsDisagreeOnTheRank() {
        assertRefused(
                with(Q, Shape.of(4, 16), Shape.of(16, 3)), "lora_A [4, 16] and lora_B [16, 3] disagree on the rank");
    }

    @Test
    void A6_shapeOfAnotherBaseIsAnsweredWithBothNumbers() {
        assertRefused(
                with(K, Shape.of(2, 32), Shape.of(24, 2)),
                "k_proj: lora_A [2, 32] and lora_B [24, 2] change a map of 32 to 24, and the base's is of 16 to 8");
    }

    @Test
    void transposedFactorsAreRecognised() {
        assertRefused(with(K, Shape.of(16, 2), Shape.of(2, 8)), "they are transposed, as mlx-lm stores them");
    }

    @Test
    void fusedFactorsOfOldFilesAreRecognised() {
        assertRefused(with(Q, Shape.of(4, 16), Shape.of(16, 4, 1)), "[16, 4, 1], expected a matrix; fused projections");
    }

    @Test
    void A7_targetWithoutTensorsIsCountedAndNamed() {
        Map<String, Shape> tensors = good();
        tensors.keySet().removeIf(name -> name.startsWith(K));
        assertRefused(tensors, "has factors for 1 of 2 targeted modules; missing: model.layers.0.self_attn.k_proj");
    }

    @Test
    void A7_tensorOfAModuleThatIsNotTargeted() {
        Map<String, Shape> tensors = good();
        tensors.put("base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight", Shape.of(4, 16));
        assertRefused(tensors, "for a module that adapter_config.json does not target");
    }

    @Test
    void A7_tensorOfAModuleThatTheBaseDoesNotHave() {
        Map<String, Shape> tensors = good();
        tensors.put("base_model.model.model.layers.12.self_attn.q_proj.lora_A.weight", Shape.of(4, 16));
        assertRefused(
                tensors,
                "model.layers.12.self_attn.q_proj.lora_A.weight is for a module that the base does not have; "
                        + "nearest: model.layers.1.self_attn.q_proj");
    }

    @Test
    void A7_noTensorsAtAll() {
        assertRefused(Map.of(), "holds no tensors; expected two for each of 2 modules");
    }

    @ParameterizedTest
    @CsvSource({
        "base_model.model.a.lora_A.default.weight, carries the adapter's own name",
        "base_model.model.a._orig_mod.q.lora_A.weight, prefix of a training wrapper",
        "model.layers.0.self_attn.q_proj.lora_A.weight, misses the prefix base_model.model.",
        "model.layers.0.self_attn.q_proj.lora_a, layout of mlx-lm",
        "layers.0.q_proj.lora_A, as other libraries write",
        "base_model.model.a.lora_magnitude_vector, DoRA",
        "base_model.model.a.lora_magnitude_vector.weight, DoRA",
        "base_model.model.model.embed_tokens.lora_embedding_A, adapts an embedding",
        "base_model.model.a.lora_B.bias, bias of lora_B",
        "base_model.model.lm_head.base_layer.weight, weight or bias of the base itself",
        "base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta, vectors of tokens",
        "base_model.model.score.weight, trained whole",
        "base_model.model.a.lora_diag, KaSA",
        "prompt_embeddings, prompt tuning",
        "something, is no factor of LoRA"
    })
    void A7_tensorLeftOverIsNamedWithWhatItIs(String name, String reason) {
        Map<String, Shape> tensors = good();
        tensors.put(name, Shape.of(4, 16));
        assertRefused(tensors, "tensor " + name + " ", reason);
    }

    private static Map<String, Shape> good() {
        Map<String, Shape> tensors = new LinkedHashMap<>();
        tensors.put(Q + ".lora_A.weight", Shape.of(4, 16));
        tensors.put(Q + ".lora_B.weight", Shape.of(16, 4));
        tensors.put(K + ".lora_A.weight", Shape.of(2, 16));
        tensors.put(K + ".lora_B.weight", Shape.of(8, 2));
        return tensors;
    }

    private static Map<String, Shape> with(String module, Shape down, Shape up) {
        Map<String, Shape> tensors = good();
        tensors.put(module + ".lora_A.weight", down);
        tensors.put(module + ".lora_B.weight", up);
        return tensors;
    }

    private static List<Pair> pair(Map<String, Shape> tensors) {
        return StoredFactors.pair("adapter_model.safetensors", TREE, TARGETS, tensors);
    }

    private static void assertRefused(Map<String, Shape> tensors, String... parts) {
        assertThatThrownBy(() -> pair(tensors))
                .isInstanceOfSatisfying(
                        InlayException.class, e -> assertThat(e.kind()).isEqualTo(InlayException.Kind.ADAPTER))
                .hasMessageStartingWith("adapter_model.safetensors: ")
                .hasMessageContainingAll(parts);
    }
}
