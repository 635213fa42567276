package dev.inlay.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inlay.InlayException;
import dev.inlay.model.DecoderConfig.Sight;
import dev.inlay.model.files.Json;
import dev.inlay.testing.Golden;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What configurations mean, for keys and sizes as public models have them; no weights. */
class FamilyConfigTest {
    private static final JsonNode PUBLIC = Json.read(Path.of("src/test/resources/configs/public.json"));

    private static ObjectNode named(String name) {
        JsonNode config = PUBLIC.get(name);
        assertThat(config).as(name).isNotNull();
        return config.deepCopy();
    }

    private static DecoderConfig read(JsonNode json) {
        ConfigReader reader = new ConfigReader(Json.parseObject(json.toString(), "config.json"));
        Family family = Family.of(reader);
        DecoderConfig config = family.config(reader);
        Blueprint blueprint = family.blueprint(config, reader, Set.of());
        reader.refuseTheRest();
        assertThat(blueprint.layers()).hasSize(config.layers());
        blueprint
                .layers()
                .forEach(layer -> assertThat(layer.norms().keySet())
                        .isEqualTo(config.norm().widths().keySet()));
        long matrices = blueprint.linears().stream()
                .filter(site -> !config.tiedHead() || !site.site().equals(Site.HEAD))
                .mapToLong(site -> (long) site.in() * site.out())
                .sum();
        assertThat(matrices + (long) config.vocabulary() * config.width()).isEqualTo(config.parameters());
        return config;
    }

    /** Published numbers of parameters; ours leave out norms and biases. */
    @ParameterizedTest
    @CsvSource({
        "Llama-3.2-1B, 16, 64, 1235814400",
        "TinyLlama-1.1B, 22, 64, 1100048384",
        "SmolLM2-135M, 30, 64, 134515008",
        "Mistral-7B-v0.3, 32, 128, 7248023552",
        "Mistral-7B-v0.1, 32, 128, 7241732096",
        "Mistral-Nemo-12B, 40, 128, 12247782400",
        "Qwen2.5-0.5B, 24, 64, 494032768",
        "Qwen3-0.6B, 28, 128, 596049920",
        "gemma-2b, 18, 256, 2506172416",
        "gemma-2-2b, 26, 256, 2614341888",
        "gemma-3-1b-it, 26, 256, 999885952",
        "Phi-3-mini-4k, 32, 96, 3821079552",
        "Phi-3-mini-128k, 32, 96, 3821079552",
        "Phi-4-mini, 32, 128, 3836021760",
        "OLMo-2-1B, 16, 128, 1484916736",
        "granite-3.1-2b, 40, 64, 2533531648",
        "SmolLM3-3B, 36, 128, 3075098624",
        "pythia-160m, 12, 64, 162322944"
    })
    void configurationsOfPublicModelsAreReadAndGiveTheirSizes(String name, int layers, int headDim, long parameters) {
        DecoderConfig config = read(named(name));
        assertThat(config.layers()).isEqualTo(layers);
        assertThat(config.attention().headDim()).isEqualTo(headDim);
        assertThat(config.parameters()).isCloseTo(parameters, Percentage.withPercentage(0.1));
    }

    private static List<Integer> windows(DecoderConfig config) {
        return config.sights().stream().map(Sight::window).distinct().toList();
    }

    @Test
    void windowsLieWhereTheFamilyPutsThem() {
        assertThat(windows(read(named("Mistral-7B-v0.1")))).containsExactly(4096);
        assertThat(windows(read(named("Mistral-7B-v0.3")))).containsExactly(Sight.ALL);
        ObjectNode mistral = named("Mistral-7B-v0.1");
        mistral.remove("sliding_window");
        assertThat(windows(read(mistral))).containsExactly(4096);
        assertThat(windows(read(named("Qwen2.5-0.5B")))).containsExactly(Sight.ALL);
        ObjectNode qwen = named("Qwen2.5-0.5B").put("use_sliding_window", true).put("max_window_layers", 20);
        assertThat(read(qwen).sights().get(19).window()).isEqualTo(Sight.ALL);
        assertThat(read(qwen).sights().get(20).window()).isEqualTo(32768);
        assertThat(windows(read(named("gemma-2-2b")))).containsExactly(4096, Sight.ALL);
        assertThat(windows(read(named("Phi-3-mini-4k")))).containsExactly(2047);
    }

    @Test
    void everySixthLayerOfGemma3SeesAllAndTurnsByGlobalFrequencies() {
        List<Sight> sights = read(named("gemma-3-1b-it")).sights();
        for (int layer = 0; layer < sights.size(); layer++) {
            boolean global = (layer + 1) % 6 == 0;
            assertThat(sights.get(layer).window()).isEqualTo(global ? Sight.ALL : 512);
            // Pair 64 of 128 turns by theta^(-1/2).
            assertThat((double) sights.get(layer).rotary().frequency(64)).isCloseTo(global ? 1e-3 : 1e-2, within(1e-8));
        }
    }

    @Test
    void everyFourthLayerOfSmolLm3DoesNotTurn() {
        ObjectNode byRule = named("SmolLM3-3B");
        byRule.remove("no_rope_layers");
        for (ObjectNode json : List.of(named("SmolLM3-3B"), byRule)) {
            List<Sight> sights = read(json).sights();
            assertThat(IntStream.range(0, 36).filter(i -> sights.get(i).rotary() == null))
                    .containsExactly(3, 7, 11, 15, 19, 23, 27, 31, 35);
        }
    }

    @Test
    void aQuarterOfPythiasHeadsAndThreeQuartersOfPhi4sTurn() {
        assertThat(read(named("pythia-160m")).sights().get(0).rotary().pairs()).isEqualTo(8);
        assertThat(read(named("Phi-4-mini")).sights().get(0).rotary().pairs()).isEqualTo(48);
    }

    /** Each line: a configuration, a key and its new value, and what the error names. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "gemma-2b | hidden_activation | null | two ways, gelu_pytorch_tanh",
                "gemma-2b | use_bidirectional_attention | true | use_bidirectional_attention",
                "gemma-3-1b-it | attn_logit_softcapping | 50.0 | attn_logit_softcapping, gemma2",
                "gemma-2-2b | attn_logit_softcapping | 0 | attn_logit_softcapping, positive",
                "gemma-2-2b | layer_types | [\"full_attention\"] | layer_types, 26",
                "Qwen3-0.6B | layer_types | [\"chunked_attention\"] | layer_types, 28",
                "SmolLM3-3B | no_rope_layers | [1, 0] | no_rope_layers, 36",
                "Mistral-7B-v0.1 | sliding_window | 0 | sliding_window",
                "Mistral-7B-v0.1 | layer_types | [\"full_attention\"] | layer_types",
                "Mistral-7B-v0.1 | partial_rotary_factor | 0.5 | partial_rotary_factor",
                "Mistral-7B-v0.1 | num_local_experts | 8 | mixes experts, num_local_experts",
                "Qwen2.5-0.5B | use_mrope | true | use_mrope",
                "Phi-3-mini-4k | attention_bias | true | attention_bias",
                "Phi-3-mini-4k | interpolate_factor | 2 | interpolate_factor",
                "Phi-3-mini-4k | vision_config | {\"a\": 1} | reads images",
                "Phi-4-mini | partial_rotary_factor | 0.01 | share, 128",
                "granite-3.1-2b | residual_multiplier | 0 | residual_multiplier",
                "OLMo-2-1B | clip_qkv | 8.0 | clip_qkv",
                "TinyLlama-1.1B | rope_scaling | {\"type\": \"yarn\", \"factor\": 4, \"finetuned\": true} | finetuned",
                "TinyLlama-1.1B | rope_scaling | {\"type\": \"yarn\", \"factor\": 4, \"beta_fast\": 0.5} | beta_fast",
                "TinyLlama-1.1B | rope_scaling | {\"type\": \"dynamic\", \"factor\": -4} | factor",
                "TinyLlama-1.1B | rope_scaling | {\"type\": \"linear\"} | factor",
                "TinyLlama-1.1B | rope_scaling | {\"type\": \"default\", \"mrope_section\": [1]} | mrope_section",
                "TinyLlama-1.1B | rope_scaling | {\"type\": \"linear\", \"factor\": 2, \"partial_rotary_factor\": 0.5}"
                        + " | partial_rotary_factor",
                "TinyLlama-1.1B | rope_scaling | {\"type\": \"longrope\", \"short_factor\": [1], \"long_factor\": [1]}"
                        + " | short_factor, 32",
                "Phi-4-mini | rope_scaling | {\"type\": \"longrope\", \"original_max_position_embeddings\": 8192}"
                        + " | original_max_position_embeddings, 8192, 4096",
                "gemma-3-1b-it | rope_parameters | {\"full_attention\": {}, \"chunked_attention\": {}}"
                        + " | full_attention, chunked_attention"
            })
    void whatWouldComputeSomethingElseIsRefusedByName(String name, String key, String value, String parts) {
        ObjectNode json = named(name);
        json.set(key, Json.parse(value, "test"));
        assertThatThrownBy(() -> read(json)).isInstanceOfSatisfying(InlayException.class, e -> {
            assertThat(e.kind()).isEqualTo(InlayException.Kind.DATA);
            assertThat(e.getMessage()).contains(parts.split(", ")).doesNotContain("\n");
        });
    }

    @Test
    void aLayerThatSlidesWithoutAWindowAndTwoSpellingsAtOnceAreRefused() {
        ObjectNode qwen = named("Qwen3-0.6B");
        IntStream.range(0, 28).forEach(i -> qwen.withArray("layer_types").add("sliding_attention"));
        assertThatThrownBy(() -> read(qwen)).hasMessageContainingAll("layer_types", "sliding_window");
        ObjectNode llama = named("Llama-3.2-1B");
        llama.set("rope_parameters", llama.get("rope_scaling"));
        assertThatThrownBy(() -> read(llama)).hasMessageContainingAll("rope_scaling", "rope_parameters");
    }

    static List<JsonNode> rotaryCases() {
        return StreamSupport.stream(Json.read(Golden.path("rotary.json")).spliterator(), false)
                .toList();
    }

    /** Rows of 64 tokens fit the context before it was stretched, rows of 65 do not. */
    @ParameterizedTest
    @MethodSource("rotaryCases")
    void frequenciesAndMagnitudesOfEveryKindEqualThoseOfTransformers(JsonNode recorded) {
        RotaryFrequencies all = read(recorded.get("config")).sights().get(0).rotary();
        for (int length : new int[] {64, 65}) {
            JsonNode expected = recorded.get("length_" + length);
            RotaryFrequencies frequencies = all.forLength(length);
            assertThat((double) frequencies.magnitude())
                    .isCloseTo(expected.get("magnitude").asDouble(), within(1e-6));
            assertThat(frequencies.pairs())
                    .isEqualTo(expected.get("frequencies").size());
            for (int i = 0; i < frequencies.pairs(); i++) {
                double value = expected.get("frequencies").get(i).asDouble();
                assertThat((double) frequencies.frequency(i)).as("%s", i).isCloseTo(value, within(5e-7 * value));
            }
        }
    }
}
