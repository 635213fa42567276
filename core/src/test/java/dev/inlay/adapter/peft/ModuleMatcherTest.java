package dev.inlay.adapter.peft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.inlay.InlayException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Compares with what PEFT itself adapts; recorded by {@code tools/golden/peft_matching.py}. */
class ModuleMatcherTest {
    private static final JsonNode RECORD = read();

    @TestFactory
    Stream<DynamicTest> adaptsTheModulesThatPeftAdapts() {
        return StreamSupport.stream(RECORD.get("cases").spliterator(), false)
                .map(recorded -> DynamicTest.dynamicTest(
                        recorded.get("model").textValue() + ": "
                                + recorded.get("name").textValue(),
                        () -> compare(recorded)));
    }

    private static void compare(JsonNode recorded) {
        ModuleTree tree = tree(recorded.get("model").textValue());
        PeftConfig config = config(recorded.get("config").toString());
        if (recorded.get("adapted").isTextual()) {
            assertThatThrownBy(() -> match(tree, config)).isInstanceOf(InlayException.class);
            return;
        }
        List<Target> found = match(tree, config).targets();
        assertThat(found)
                .extracting(Target::path)
                .containsExactlyElementsOf(recorded.get("adapted").findValuesAsText("path"));
        for (int i = 0; i < found.size(); i++) {
            JsonNode expected = recorded.get("adapted").get(i);
            assertThat(found.get(i).rank()).isEqualTo(expected.get("r").intValue());
            assertThat(found.get(i).alpha()).isEqualTo(expected.get("alpha").doubleValue());
            assertThat(found.get(i).scale()).isCloseTo(expected.get("scale").doubleValue(), within(1e-15));
        }
    }

    @Test
    void A5_nameThatMatchesNothingIsAnsweredWithTheRealNamesAndTheNearest() {
        assertThatThrownBy(
                        () -> match(tree("llama"), config("{\"peft_type\":\"LORA\",\"target_modules\":[\"q_prj\"]}")))
                .hasMessageContaining("target module \"q_prj\" matches nothing in this model")
                .hasMessageContaining(
                        "q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj (12 each), lm_head (1)")
                .hasMessageEndingWith("nearest: q_proj");
    }

    @Test
    void A5_pathThatMatchesNothingIsAnsweredWithTheNearestPath() {
        String json = "{\"peft_type\":\"LORA\",\"target_modules\":[\"layers.3.self_attn.q_prj\"]}";
        assertThatThrownBy(() -> match(tree("llama"), config(json)))
                .hasMessageEndingWith("nearest: model.layers.3.self_attn.q_proj");
    }

    @Test
    void A5_expressionThatMatchesNothingIsShown() {
        assertThatThrownBy(() -> match(tree("llama"), config("{\"peft_type\":\"LORA\",\"target_modules\":\"q_proj\"}")))
                .hasMessageContaining("target module \"q_proj\" matches nothing in this model; found: q_proj, k_proj");
    }

    @Test
    void A5_absentTargetsInAnUnknownFamilyAreRefused() {
        ModuleTree tree = new ModuleTree("mamba", List.of(linear("backbone.in_proj")));
        assertThatThrownBy(() -> match(tree, config("{\"peft_type\":\"LORA\"}")))
                .hasMessageContaining("no usual choice for the family mamba")
                .hasMessageContaining("in_proj (1)");
    }

    @Test
    void errorNamesTheExclusionIfThatIsTheCause() {
        String json =
                "{\"peft_type\":\"LORA\",\"target_modules\":[\"q_proj\"],\"exclude_modules\":[\"self_attn.q_proj\"]}";
        assertThatThrownBy(() -> match(tree("llama"), config(json)))
                .hasMessageContaining("all excluded by exclude_modules \"self_attn.q_proj\"");
    }

    @Test
    void errorNamesTheLayersIfTheyAreTheCause() {
        String json = "{\"peft_type\":\"LORA\",\"target_modules\":[\"q_proj\"],\"layers_to_transform\":[12]}";
        assertThatThrownBy(() -> match(tree("llama"), config(json))).hasMessageContaining("in none of the layers [12]");
    }

    @Test
    void blockIsAnsweredWithWhatItContains() {
        String json = "{\"peft_type\":\"LORA\",\"target_modules\":[\"self_attn\"]}";
        assertThatThrownBy(() -> match(tree("llama"), config(json)))
                .hasMessageContaining("\"model.layers.0.self_attn\" is no linear map but a block that contains "
                        + "q_proj, k_proj, v_proj, o_proj");
    }

    @Test
    void embeddingIsATargetByNameAndNeverOfAllLinear() {
        ModelModule embedding = new ModelModule("model.embed_tokens", ModelModule.Kind.EMBEDDING, false, 32, 16);
        ModuleTree tree = new ModuleTree("llama", List.of(embedding, linear("model.layers.0.self_attn.q_proj")));
        String byName = "{\"peft_type\":\"LORA\",\"target_modules\":[\"embed_tokens\"]}";
        assertThat(match(tree, config(byName)).targets())
                .singleElement()
                .satisfies(target -> assertThat(target.module()).isEqualTo(embedding));
        String all = "{\"peft_type\":\"LORA\",\"target_modules\":\"all-linear\"}";
        assertThat(match(tree, config(all)).targets())
                .extracting(Target::path)
                .containsExactly("model.layers.0.self_attn.q_proj");
    }

    @Test
    void A3_rankLargerThanTheMatrixIsRefusedWithBothNumbers() {
        String json = "{\"peft_type\":\"LORA\",\"target_modules\":[\"k_proj\"],\"r\":9}";
        assertThatThrownBy(() -> match(tree("llama"), config(json)))
                .hasMessageContaining("rank 9 exceeds the smaller side of model.layers.0.self_attn.k_proj (8 x 16)")
                .hasMessageContaining("at most 8");
    }

    @Test
    void namesThatSelectNothingBesideOthersAreReported() {
        String json = "{\"peft_type\":\"LORA\",\"target_modules\":[\"q_proj\",\"query\",\"c_attn\"]}";
        assertThat(match(tree("llama"), config(json)).idle()).containsExactly("c_attn", "query");
    }

    private static ModuleMatcher.Matching match(ModuleTree tree, PeftConfig config) {
        return new ModuleMatcher(tree).match(config.selection(), config.ranks());
    }

    private static PeftConfig config(String json) {
        return PeftConfig.parse(json, "adapter_config.json", Set.of(), note -> {});
    }

    static ModelModule linear(String path) {
        return new ModelModule(path, ModelModule.Kind.LINEAR, false, 16, 16);
    }

    static ModuleTree tree(String family) {
        List<ModelModule> leaves = new ArrayList<>();
        for (JsonNode module : RECORD.get("models").get(family)) {
            leaves.add(new ModelModule(
                    module.get("path").textValue(),
                    ModelModule.Kind.valueOf(module.get("kind").textValue()),
                    module.get("head").booleanValue(),
                    module.path("in").longValue(),
                    module.path("out").longValue()));
        }
        return new ModuleTree(family, leaves);
    }

    private static JsonNode read() {
        try (InputStream in =
                Objects.requireNonNull(ModuleMatcherTest.class.getResourceAsStream("/golden/peft/matching.json"))) {
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
